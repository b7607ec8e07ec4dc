//! `countersign core --test-control`: serving it, on this machine alone.

use std::{net::SocketAddr, sync::Arc};

use anyhow::Context as _;
use countersign_core::{Ready, test_control};
use storage::Forget;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tracing::{error, warn};

/// The one code there is under test control: what OpenCRVS sends nobody, and takes from everybody,
/// where its second factor is turned off.
pub const ONLY_CODE: &str = "000000";

/// Listens there, if it was asked for.
///
/// # Errors
/// When the address can be reached from other machines, or is taken.
pub async fn listen(address: Option<SocketAddr>) -> anyhow::Result<Option<TcpListener>> {
    let Some(address) = address else {
        return Ok(None);
    };
    anyhow::ensure!(
        address.ip().is_loopback(),
        "test-control listens on a loopback address alone, such as 127.0.0.1:7071, not on \
         {address}: whoever reaches it can forget everything"
    );
    let listener = super::listen(address).await.context("test-control")?;
    Ok(Some(listener))
}

/// Serves it until told to stop.
pub fn serve(
    ready: &Ready,
    listener: TcpListener,
    store: Arc<dyn Forget>,
    stop: CancellationToken,
) {
    warn!(
        address = ?listener.local_addr().ok(),
        "test control is on: whoever reaches it can forget everything"
    );
    let app = test_control::router(ready.core().clone(), store);
    tokio::spawn(async move {
        let serving = axum::serve(listener, app).with_graceful_shutdown(stop.cancelled_owned());
        if let Err(reason) = serving.await {
            error!(%reason, "test control could not be served");
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn it_listens_where_no_other_machine_reaches_it() {
        for open in [
            "0.0.0.0:0",
            "192.0.2.1:7071",
            "[::]:0",
            "[::ffff:127.0.0.1]:0",
        ] {
            let refused = listen(Some(open.parse().unwrap())).await.unwrap_err();
            assert!(refused.to_string().contains("loopback"), "{refused:#}");
        }
        let here = listen(Some("127.0.0.1:0".parse().unwrap())).await.unwrap();
        assert!(here.is_some());
        assert!(listen(None).await.unwrap().is_none());
    }
}
