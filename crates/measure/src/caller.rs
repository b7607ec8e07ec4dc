//! Calls Cores over connections kept open, with as little work as can be: whoever measures shares
//! the processors with what is measured, and a whole HTTP client would take a good part of them.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use anyhow::{Context as _, bail, ensure};
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

/// The longest a call may take.
const PATIENCE: Duration = Duration::from_secs(60);

/// What came back.
pub struct Answer {
    pub status: u16,
    pub body: Vec<u8>,
}

/// Connections that wait for the next call, by address.
#[derive(Default)]
pub struct Caller {
    idle: Mutex<HashMap<String, Vec<TcpStream>>>,
}

impl Caller {
    /// Posts JSON to a path of whoever is at this origin, `http://…`.
    ///
    /// # Errors
    /// When there is no connection, or what comes over it is no answer.
    pub async fn post(
        &self,
        origin: &str,
        path: &str,
        token: &str,
        body: &[u8],
    ) -> anyhow::Result<Answer> {
        let address = origin
            .strip_prefix("http://")
            .context("the origin is not http")?;
        let call = async {
            let mut connection = match self.idle(address) {
                Some(connection) => connection,
                None => connect(address).await?,
            };
            let mut request = Vec::with_capacity(512 + token.len() + body.len());
            let head = format!(
                "POST {path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\n\
                 authorization: Bearer {token}\r\ncontent-length: {}\r\n\r\n",
                body.len()
            );
            request.extend_from_slice(head.as_bytes());
            request.extend_from_slice(body);
            connection.write_all(&request).await?;
            let answer = read(&mut connection).await?;
            self.lock()
                .entry(address.to_owned())
                .or_default()
                .push(connection);
            anyhow::Ok(answer)
        };
        tokio::time::timeout(PATIENCE, call).await?
    }

    /// A connection that the other side has not closed meanwhile.
    fn idle(&self, address: &str) -> Option<TcpStream> {
        let mut all = self.lock();
        let waiting = all.get_mut(address)?;
        while let Some(connection) = waiting.pop() {
            let closed = connection.try_read(&mut [0]);
            if closed.is_err_and(|error| error.kind() == std::io::ErrorKind::WouldBlock) {
                return Some(connection);
            }
        }
        None
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<String, Vec<TcpStream>>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(address: &str) -> anyhow::Result<TcpStream> {
    let connection = TcpStream::connect(address).await?;
    connection.set_nodelay(true)?;
    Ok(connection)
}

/// Reads an answer that says how long it is.
async fn read(connection: &mut TcpStream) -> anyhow::Result<Answer> {
    let mut bytes = Vec::with_capacity(16 * 1024);
    let head = loop {
        let more = connection.read_buf(&mut bytes).await?;
        ensure!(more > 0, "the connection was closed");
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
    };
    let mut body = bytes.split_off(head);
    let text = std::str::from_utf8(&bytes)?;
    let status = text.split(' ').nth(1).context("there is no status")?;
    let status = status.parse()?;
    let mut length = 0;
    for line in text.lines().skip(1) {
        let Some((name, value)) = line.split_once(':') else {
            continue;
        };
        if name.eq_ignore_ascii_case("content-length") {
            length = value.trim().parse()?;
        } else if name.eq_ignore_ascii_case("transfer-encoding") {
            bail!("the answer does not say how long it is");
        }
    }
    while body.len() < length {
        let more = connection.read_buf(&mut body).await?;
        ensure!(more > 0, "the connection was closed");
    }
    Ok(Answer { status, body })
}
