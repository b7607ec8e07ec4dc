//! The wire between Core and country config, to be cut and mended.

use std::net::SocketAddr;

use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

/// Carries connections to country config, from an address that stays.
pub struct Wire {
    pub url: String,
    near: SocketAddr,
    far: String,
    cut: CancellationToken,
}

impl Wire {
    /// A wire to this origin; it works.
    pub fn to(origin: &str) -> Self {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let near = listener.local_addr().unwrap();
        let far = origin.strip_prefix("http://").unwrap().to_owned();
        let cut = CancellationToken::new();
        let listener = TcpListener::from_std(listener).unwrap();
        tokio::spawn(carry(listener, far.clone(), cut.clone()));
        Self {
            url: format!("http://{near}"),
            near,
            far,
            cut,
        }
    }

    /// Cuts all connections; there are no others.
    pub fn cut(&self) {
        self.cut.cancel();
    }

    /// It works again.
    pub async fn mend(&mut self) {
        // The one before may not have let go of the address yet.
        let listener = loop {
            match TcpListener::bind(self.near).await {
                Ok(listener) => break listener,
                Err(_) => tokio::task::yield_now().await,
            }
        };
        self.cut = CancellationToken::new();
        tokio::spawn(carry(listener, self.far.clone(), self.cut.clone()));
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.cut.cancel();
    }
}

async fn carry(listener: TcpListener, far: String, cut: CancellationToken) {
    while let Some(Ok((mut near, _))) = cut.run_until_cancelled(listener.accept()).await {
        let (far, cut) = (far.clone(), cut.clone());
        tokio::spawn(async move {
            let carried = async {
                let mut far = TcpStream::connect(far).await?;
                tokio::io::copy_bidirectional(&mut near, &mut far).await
            };
            let _ = cut.run_until_cancelled(carried).await;
        });
    }
}
