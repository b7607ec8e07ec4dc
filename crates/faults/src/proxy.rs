//! A bad network: a TCP proxy that delays, corrupts and cuts what passes through it, and finds
//! another way when one of several targets is gone.

use std::{
    io,
    net::SocketAddr,
    pin::pin,
    sync::{
        Arc,
        atomic::{AtomicU8, AtomicU64, Ordering},
    },
    time::Duration,
};

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::{
        TcpListener, TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    task::JoinHandle,
    time::sleep,
};
use world::World;

/// What a byte is made into where something is corrupted. It stands in no JSON, no UTF-8 and no
/// status line, so that what comes out is broken and never merely different: nothing but TLS
/// protects an unsigned answer from the latter.
const BROKEN: u8 = 0xff;

/// What the network is like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Weather {
    /// Everything passes.
    Fair,
    /// One piece in eight is late, one in twelve corrupted, one in twelve the last of its connection.
    Stormy,
    /// Connections end as soon as they begin, and those that are open at their next byte.
    Gone,
}

/// The way to one of several places.
#[derive(Debug)]
pub struct Proxy {
    address: SocketAddr,
    inner: Arc<Inner>,
    serving: JoinHandle<()>,
}

#[derive(Debug)]
struct Inner {
    targets: Vec<SocketAddr>,
    weather: AtomicU8,
    world: World,
    /// Where the next connection is tried first.
    turn: AtomicU64,
    delayed: AtomicU64,
    corrupted: AtomicU64,
    cut: AtomicU64,
}

/// What a proxy has done so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Damage {
    pub delayed: u64,
    pub corrupted: u64,
    pub cut: u64,
}

impl Proxy {
    /// Begins to listen, on any free port of the loopback address, in fair weather.
    ///
    /// # Errors
    /// When there is no port.
    pub async fn start(targets: Vec<SocketAddr>, world: World) -> io::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let inner = Arc::new(Inner {
            targets,
            weather: AtomicU8::new(0),
            world,
            turn: AtomicU64::new(0),
            delayed: AtomicU64::new(0),
            corrupted: AtomicU64::new(0),
            cut: AtomicU64::new(0),
        });
        Ok(Self {
            address: listener.local_addr()?,
            inner: Arc::clone(&inner),
            serving: tokio::spawn(serve(listener, inner)),
        })
    }

    /// Its origin, such as `http://127.0.0.1:4711`.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Changes the weather for what passes from now on.
    pub fn set(&self, weather: Weather) {
        self.inner.weather.store(weather as u8, Ordering::Relaxed);
    }

    /// What has been done to what passed.
    #[must_use]
    pub fn damage(&self) -> Damage {
        Damage {
            delayed: self.inner.delayed.load(Ordering::Relaxed),
            corrupted: self.inner.corrupted.load(Ordering::Relaxed),
            cut: self.inner.cut.load(Ordering::Relaxed),
        }
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

impl Inner {
    fn weather(&self) -> Weather {
        match self.weather.load(Ordering::Relaxed) {
            0 => Weather::Fair,
            1 => Weather::Stormy,
            _ => Weather::Gone,
        }
    }

    /// The first target that answers, each in its turn.
    async fn connect(&self) -> Option<TcpStream> {
        let all = self.targets.len().max(1);
        let first = usize::try_from(self.turn.fetch_add(1, Ordering::Relaxed)).unwrap_or(0) % all;
        let (later, sooner) = self.targets.split_at(first.min(self.targets.len()));
        for target in sooner.iter().chain(later) {
            if let Ok(stream) = TcpStream::connect(target).await {
                return Some(stream);
            }
        }
        None
    }
}

async fn serve(listener: TcpListener, inner: Arc<Inner>) {
    while let Ok((client, _)) = listener.accept().await {
        let inner = Arc::clone(&inner);
        tokio::spawn(async move {
            if inner.weather() == Weather::Gone {
                inner.cut.fetch_add(1, Ordering::Relaxed);
                return;
            }
            let Some(target) = inner.connect().await else {
                return;
            };
            let (from_client, to_client) = client.into_split();
            let (from_target, to_target) = target.into_split();
            let mut there = pin!(pass(&inner, from_client, to_target));
            let mut back = pin!(pass(&inner, from_target, to_client));
            // One side may be done while the other still speaks; a cut ends both.
            tokio::select! {
                passed = &mut there => if passed.is_whole() { back.await; },
                passed = &mut back => if passed.is_whole() { there.await; },
            }
        });
    }
}

/// How one direction of a connection ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passed {
    Whole,
    Cut,
}

impl Passed {
    fn is_whole(self) -> bool {
        self == Self::Whole
    }
}

async fn pass(inner: &Inner, mut from: OwnedReadHalf, mut to: OwnedWriteHalf) -> Passed {
    let mut piece = [0_u8; 4096];
    while let Ok(length @ 1..) = from.read(&mut piece).await {
        let piece = &mut piece[..length];
        let mut last = false;
        match inner.weather() {
            Weather::Fair => {}
            Weather::Gone => {
                inner.cut.fetch_add(1, Ordering::Relaxed);
                return Passed::Cut;
            }
            Weather::Stormy => match inner.world.below(24) {
                0..3 => {
                    inner.delayed.fetch_add(1, Ordering::Relaxed);
                    sleep(Duration::from_millis(50 + inner.world.below(450))).await;
                }
                3..5 => {
                    inner.corrupted.fetch_add(1, Ordering::Relaxed);
                    let at = inner.world.below(length as u64);
                    if let Some(byte) = piece.get_mut(usize::try_from(at).unwrap_or(0)) {
                        *byte = BROKEN;
                    }
                }
                5..7 => {
                    inner.cut.fetch_add(1, Ordering::Relaxed);
                    last = true;
                }
                _ => {}
            },
        }
        // Of the last piece only half passes: the far side has begun to read something.
        let kept = if last { piece.len() / 2 } else { piece.len() };
        if to.write_all(&piece[..kept]).await.is_err() || last {
            return Passed::Cut;
        }
    }
    let _ = to.shutdown().await;
    Passed::Whole
}
