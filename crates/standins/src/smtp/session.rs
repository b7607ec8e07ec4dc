//! One SMTP conversation (RFC 5321), as much of it as a sender needs.

use std::{io, time::Duration};

use tokio::{
    io::{AsyncWriteExt, BufReader},
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};

use super::{
    lines::{self, Line},
    mail,
};
use crate::{
    Shared,
    inbox::{self, Arriving, Kind},
    knobs::{Knobs, MailKnobs},
};

/// The largest mail taken.
const MAX_MAIL: usize = 1024 * 1024;
/// The longest command; RFC 5321 asks for 512 and extensions add to it.
const MAX_COMMAND: usize = 2048;
/// The longest line of a mail; the RFC says 998, real senders exceed it.
const MAX_LINE: usize = 64 * 1024;
/// The most people one mail goes to.
const MAX_RECIPIENTS: usize = 500;
/// How long a silent sender is waited for, as the RFC has it.
const PATIENCE: Duration = Duration::from_secs(300);

struct Session<'a> {
    reader: BufReader<OwnedReadHalf>,
    writer: OwnedWriteHalf,
    shared: &'a Shared,
    greeted: bool,
    sender: bool,
    recipients: Vec<String>,
}

/// Speaks with one sender until they quit, hang up or fall silent.
pub(super) async fn hold(stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let (reader, writer) = stream.into_split();
    let mut session = Session {
        reader: BufReader::new(reader),
        writer,
        shared,
        greeted: false,
        sender: false,
        recipients: Vec::new(),
    };
    let outage = MailKnobs::now(shared)
        .await
        .map(|knobs| knobs.outage)
        .unwrap_or(true);
    if outage {
        return session.say("421 Out of service").await;
    }
    session.say("220 stand-in ready").await?;
    while session.turn().await? {}
    Ok(())
}

impl Session<'_> {
    async fn say(&mut self, line: &str) -> io::Result<()> {
        self.writer
            .write_all(format!("{line}\r\n").as_bytes())
            .await
    }

    async fn hear(&mut self, limit: usize) -> io::Result<Line> {
        timeout(PATIENCE, lines::next(&mut self.reader, limit)).await?
    }

    /// One command and its reply; whether there may be another.
    async fn turn(&mut self) -> io::Result<bool> {
        let bytes = match self.hear(MAX_COMMAND).await? {
            Line::Whole { bytes, .. } => bytes,
            Line::TooLong => {
                self.say("500 Line too long").await?;
                return Ok(true);
            }
            Line::End => return Ok(false),
        };
        let command = String::from_utf8_lossy(&bytes);
        let (verb, rest) = command
            .trim()
            .split_once(' ')
            .unwrap_or((command.trim(), ""));
        match verb.to_ascii_uppercase().as_str() {
            "HELO" => {
                self.greet();
                self.say("250 stand-in").await?;
            }
            "EHLO" => {
                self.greet();
                self.say("250-stand-in").await?;
                self.say(&format!("250-SIZE {MAX_MAIL}")).await?;
                self.say("250-8BITMIME").await?;
                self.say("250-SMTPUTF8").await?;
                self.say("250 PIPELINING").await?;
            }
            "MAIL" => self.mail(rest).await?,
            "RCPT" => self.rcpt(rest).await?,
            "DATA" => return self.data().await,
            "RSET" => {
                self.reset();
                self.say("250 Forgotten").await?;
            }
            "NOOP" => self.say("250 OK").await?,
            "VRFY" => self.say("252 Send it and see").await?,
            "QUIT" => {
                self.say("221 Goodbye").await?;
                return Ok(false);
            }
            _ => self.say("502 Not known here").await?,
        }
        Ok(true)
    }

    fn greet(&mut self) {
        self.greeted = true;
        self.reset();
    }

    fn reset(&mut self) {
        self.sender = false;
        self.recipients.clear();
    }

    async fn mail(&mut self, rest: &str) -> io::Result<()> {
        if !self.greeted || self.sender {
            return self.say("503 Not now").await;
        }
        let Some(parameters) = path(rest, "FROM:").map(|(_, parameters)| parameters) else {
            return self.say("501 MAIL FROM:<address>").await;
        };
        let too_big = parameters.split(' ').any(|parameter| {
            parameter
                .split_once('=')
                .filter(|(name, _)| name.eq_ignore_ascii_case("size"))
                .and_then(|(_, size)| size.parse::<usize>().ok())
                .is_some_and(|size| size > MAX_MAIL)
        });
        if too_big {
            return self.say("552 Too large").await;
        }
        self.sender = true;
        self.say("250 OK").await
    }

    async fn rcpt(&mut self, rest: &str) -> io::Result<()> {
        if !self.sender {
            return self.say("503 MAIL first").await;
        }
        match path(rest, "TO:") {
            Some((address, _)) if address.contains('@') => {
                if self.recipients.len() >= MAX_RECIPIENTS {
                    return self.say("452 Too many recipients").await;
                }
                self.recipients.push(address.to_owned());
                self.say("250 OK").await
            }
            _ => self.say("501 RCPT TO:<name@place>").await,
        }
    }

    async fn data(&mut self) -> io::Result<bool> {
        if self.recipients.is_empty() {
            self.say("503 RCPT first").await?;
            return Ok(true);
        }
        self.say("354 Go on, end with a dot").await?;
        let mut raw = Vec::new();
        let mut too_big = false;
        loop {
            match self.hear(MAX_LINE).await? {
                Line::Whole { bytes, proper } => {
                    if proper && bytes == b"." {
                        break;
                    }
                    // A dot at the front was doubled by the sender.
                    let line = bytes.strip_prefix(b".").unwrap_or(&bytes);
                    too_big |= raw.len() + line.len() + 2 > MAX_MAIL;
                    if !too_big {
                        raw.extend_from_slice(line);
                        raw.extend_from_slice(b"\r\n");
                    }
                }
                Line::TooLong => too_big = true,
                Line::End => return Ok(false),
            }
        }
        if too_big {
            self.say("552 Too large").await?;
        } else {
            self.keep(&raw).await?;
        }
        self.reset();
        Ok(true)
    }

    async fn keep(&mut self, raw: &[u8]) -> io::Result<()> {
        let mail = mail::read(raw);
        let messages = std::mem::take(&mut self.recipients)
            .into_iter()
            .map(|to| Arriving {
                kind: Kind::Mail,
                sender_key: mail.message_id.as_ref().map(|id| format!("mail:{id}:{to}")),
                to,
                subject: mail.subject.clone(),
                text: mail.text.clone(),
            })
            .collect();
        match inbox::keep(self.shared, messages).await {
            Ok(_) => self.say("250 Kept").await,
            Err(error) => {
                tracing::error!(%error, cause = ?error, "a mail could not be kept");
                self.say("451 Try again later").await
            }
        }
    }
}

/// The address in `FROM:<a@b> MORE`, and what follows it.
fn path<'a>(rest: &'a str, keyword: &str) -> Option<(&'a str, &'a str)> {
    let rest = rest.trim_start();
    let after = rest
        .get(..keyword.len())
        .filter(|start| start.eq_ignore_ascii_case(keyword))
        .and_then(|_| rest.get(keyword.len()..))?;
    let (address, parameters) = after.trim_start().strip_prefix('<')?.split_once('>')?;
    Some((address.trim(), parameters.trim()))
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn an_address_is_what_stands_between_the_brackets() {
        assert_eq!(path("from:<a@b> SIZE=3", "FROM:"), Some(("a@b", "SIZE=3")));
        assert_eq!(path("FROM:<>", "FROM:"), Some(("", "")));
        assert_eq!(path("TO:<a@b>", "FROM:"), None);
        assert_eq!(path("é", "TO:"), None);
    }
}
