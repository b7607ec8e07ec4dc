//! A whole deployment, from one store into another.

use std::fmt;

use super::{Begun, Kept, Moved, MovingStore, digest};
use crate::error::StoreError;

/// One of the two stores.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// The one that is read.
    From,
    /// The one that is written.
    To,
}

impl fmt::Display for Side {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::From => "the source",
            Self::To => "the target",
        })
    }
}

/// What is being done.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// A kind is copied: so many of its items are in the target.
    Copied {
        /// The kind.
        kind: Kept,
        /// In the target.
        items: u64,
        /// In the source.
        of: u64,
    },
    /// A kind is compared.
    Compared(Compared),
}

/// What the two stores keep of a kind.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compared {
    /// The kind.
    pub kind: Kept,
    /// How many items the source keeps.
    pub items: u64,
    /// The digest of these.
    pub from: String,
    /// The digest of what the target keeps.
    pub to: String,
}

/// Why a deployment was not copied.
#[derive(Debug, thiserror::Error)]
pub enum CopyError {
    /// A store failed. What was copied until then is recognised the next time.
    #[error("{side} failed")]
    Store {
        /// Which.
        side: Side,
        /// Why.
        #[source]
        source: StoreError,
    },
    /// There is something in the target that must not be mixed with the source's data.
    #[error(
        "the target is not empty: it holds {} of another deployment, or of this one as it went on \
         after a copy; choose an empty one", kind.as_str()
    )]
    Taken {
        /// What, for example.
        kind: Kept,
    },
    /// Two copies into one store at once.
    #[error("another copy into the same target is under way")]
    Overtaken,
    /// The two do not keep the same, though everything was copied.
    #[error(
        "the target does not keep the same as the source: {}; do not use it: the source was \
         changed while it was copied, or a store is damaged",
        names(kinds)
    )]
    Different {
        /// What differs.
        kinds: Vec<Kept>,
    },
}

fn names(kinds: &[Kept]) -> String {
    let names: Vec<_> = kinds.iter().map(|kind| kind.as_str()).collect();
    names.join(", ")
}

/// Copies everything, telling each step, and compares it in the end. Takes up a copy that was
/// broken off where it was; repeats nothing. Nobody may work on either store meanwhile.
///
/// # Errors
/// See [`CopyError`].
pub async fn copy(
    from: &dyn MovingStore,
    to: &dyn MovingStore,
    tell: &mut (dyn FnMut(Step) + Send),
) -> Result<Vec<Compared>, CopyError> {
    let deployment = from.deployment().await.map_err(at(Side::From))?;
    match to.begin_move(deployment).await.map_err(at(Side::To))? {
        Begun::Taken(kind) => return Err(CopyError::Taken { kind }),
        Begun::Ended => {}
        Begun::On(moved) => {
            for kind in Kept::ALL {
                let before = moved.iter().find(|moved| moved.kind == kind);
                copy_kind(from, to, kind, before, tell).await?;
            }
        }
    }
    let mut compared = vec![];
    for kind in Kept::ALL {
        let (items, source) = digest(from, kind).await.map_err(at(Side::From))?;
        let (_, target) = digest(to, kind).await.map_err(at(Side::To))?;
        let pair = Compared {
            kind,
            items,
            from: source,
            to: target,
        };
        tell(Step::Compared(pair.clone()));
        compared.push(pair);
    }
    let different: Vec<_> = compared
        .iter()
        .filter(|pair| pair.from != pair.to)
        .map(|pair| pair.kind)
        .collect();
    if !different.is_empty() {
        return Err(CopyError::Different { kinds: different });
    }
    to.end_move().await.map_err(at(Side::To))?;
    Ok(compared)
}

async fn copy_kind(
    from: &dyn MovingStore,
    to: &dyn MovingStore,
    kind: Kept,
    before: Option<&Moved>,
    tell: &mut (dyn FnMut(Step) + Send),
) -> Result<(), CopyError> {
    let of = from.count_kept(kind).await.map_err(at(Side::From))?;
    let mut items = before.map_or(0, |moved| moved.items);
    let mut after = before.and_then(|moved| moved.next.clone());
    tell(Step::Copied { kind, items, of });
    // Something is known of it, and no next page: all of it is there.
    if before.is_some() && after.is_none() {
        return Ok(());
    }
    loop {
        let page = from.kept(kind, after.as_deref(), kind.page()).await;
        let page = page.map_err(at(Side::From))?;
        items += page.items.len() as u64;
        let next = page.next.clone();
        let brought = to.bring_in(kind, after.as_deref(), page).await;
        if !brought.map_err(at(Side::To))? {
            return Err(CopyError::Overtaken);
        }
        tell(Step::Copied { kind, items, of });
        match next {
            Some(_) => after = next,
            None => return Ok(()),
        }
    }
}

fn at(side: Side) -> impl Fn(StoreError) -> CopyError {
    move |source| CopyError::Store { side, source }
}
