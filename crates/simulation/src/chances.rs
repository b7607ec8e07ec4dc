//! What may go wrong in a world, and how often: drawn from its seed. Most worlds know few kinds of
//! trouble, and those well; a world in which everything goes wrong all the time shows little.

use std::time::Duration;

use world::World;

/// How likely things are, in thousandths, and how large.
#[derive(Debug, Clone)]
pub(crate) struct Chances {
    pub nodes: usize,
    pub users: usize,
    pub records: u64,
    pub steps: u64,
    /// A request, or its answer, is lost on the way to the country.
    pub lost: u64,
    /// A request comes twice.
    pub doubled: u64,
    /// The longest way there, or back.
    pub way: Duration,
    /// The same between users, the country's callbacks and nodes.
    pub client_lost: u64,
    /// A user stops waiting, or asks twice at once.
    pub impatient: u64,
    pub store: StoreChances,
    pub country: CountryChances,
    pub operators: OperatorChances,
    /// Somebody asks for a code.
    pub codes: u64,
    /// Somebody brings a record in.
    pub imports: u64,
    /// The country loses something of a record that was brought in.
    pub lost_there: u64,
    /// The country asks what it owes.
    pub asks: u64,
    /// What is registered is corrected.
    pub corrections: u64,
    /// A node dies at a step.
    pub deaths: u64,
    /// A node stands still for a while.
    pub freezes: u64,
    /// A node is told to stop.
    pub stops: u64,
    /// The clock jumps.
    pub jumps: u64,
    /// How far the clocks of nodes are apart, in milliseconds.
    pub skew: u64,
}

/// What stores do.
#[derive(Debug, Clone)]
pub(crate) struct StoreChances {
    /// A call fails before it takes effect.
    pub fails_before: u64,
    /// A call fails although it took effect.
    pub fails_after: u64,
    /// A call takes up to this many milliseconds.
    pub slow: u64,
}

/// What the country does with a trigger.
#[derive(Debug, Clone)]
pub(crate) struct CountryChances {
    /// Is down from a step on, for some steps.
    pub down: u64,
    /// 202, and a callback.
    pub later: u64,
    /// Calls back before it answers.
    pub early_callback: u64,
    /// Decides against.
    pub rejects: u64,
    /// Calls back twice, or once more with the opposite.
    pub repeats: u64,
    /// 400, 500, 503.
    pub errors: u64,
    /// A 2xx that means nothing.
    pub garbage: u64,
    /// Does not answer, or late.
    pub silent: u64,
    /// Says now this and now that; gives a number twice.
    pub lies: u64,
    /// Tries what its tokens must not let it.
    pub pries: u64,
    /// 202, and never a callback until it asks what it owes.
    pub forgets: u64,
}

/// What operators do.
#[derive(Debug, Clone)]
pub(crate) struct OperatorChances {
    /// Stop a kind of deliveries, or all, for a while.
    pub stops: u64,
    /// Have something sent at once, or once more.
    pub sends: u64,
    /// Decide by hand.
    pub decides: u64,
}

impl Chances {
    /// What came to be known later is drawn from `later`: worlds without it stay as they were.
    pub fn draw(random: &World, later: &World) -> Self {
        let seldom = |most: u64| match later.below(3) {
            0 => 1 + later.below(most),
            _ => 0,
        };
        let some = |most: u64| match random.below(2) {
            0 => 0,
            _ => 1 + random.below(most),
        };
        let trouble = Self {
            nodes: 1,
            users: 1,
            records: 1,
            steps: 30,
            lost: some(300),
            doubled: some(200),
            way: Duration::from_millis(5 + some(3000)),
            client_lost: some(250),
            impatient: some(300),
            store: StoreChances {
                fails_before: some(60),
                fails_after: some(60),
                slow: some(3) * some(300),
            },
            country: CountryChances {
                down: some(100),
                later: some(600),
                early_callback: some(300),
                rejects: some(400),
                repeats: some(500),
                errors: some(400),
                garbage: some(300),
                silent: some(250),
                lies: some(200),
                pries: some(300),
                forgets: seldom(500),
            },
            operators: OperatorChances {
                stops: some(60),
                sends: some(150),
                decides: some(100),
            },
            codes: some(150),
            imports: seldom(80),
            asks: seldom(100),
            corrections: seldom(800),
            deaths: some(120),
            freezes: some(80),
            stops: some(80),
            jumps: some(80),
            skew: some(3000),
            lost_there: 200 + later.below(800),
        };
        Self {
            nodes: 1 + usize::try_from(random.below(3)).unwrap_or(0),
            users: 1 + usize::try_from(random.below(3)).unwrap_or(0),
            records: 1 + random.below(2),
            steps: 20 + random.below(40),
            ..trouble
        }
    }

    /// The same world, with nothing that goes wrong any more.
    pub fn calm(&self) -> Self {
        Self {
            lost: 0,
            doubled: 0,
            way: Duration::from_millis(5),
            client_lost: 0,
            impatient: 0,
            store: StoreChances {
                fails_before: 0,
                fails_after: 0,
                slow: 0,
            },
            country: CountryChances {
                down: 0,
                later: 0,
                early_callback: 0,
                rejects: 0,
                repeats: 0,
                errors: 0,
                garbage: 0,
                silent: 0,
                lies: 0,
                pries: self.country.pries,
                forgets: 0,
            },
            operators: OperatorChances {
                stops: 0,
                sends: 0,
                decides: 0,
            },
            codes: 0,
            imports: 0,
            lost_there: 0,
            asks: 0,
            deaths: 0,
            freezes: 0,
            stops: 0,
            jumps: 0,
            ..self.clone()
        }
    }
}
