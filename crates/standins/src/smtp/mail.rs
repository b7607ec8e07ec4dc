//! What a mail says: its subject and its text, whatever they were encoded with.

use mail_parser::MessageParser;

/// A mail as a person reads it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Mail {
    pub subject: Option<String>,
    pub text: String,
    pub message_id: Option<String>,
}

/// Reads a message; what makes no sense as mail is shown as the text it is.
pub(super) fn read(raw: &[u8]) -> Mail {
    let Some(message) = MessageParser::default().parse(raw) else {
        return Mail {
            subject: None,
            text: String::from_utf8_lossy(raw).into_owned(),
            message_id: None,
        };
    };
    Mail {
        subject: message.subject().map(str::to_owned),
        text: message
            .body_text(0)
            .map(|text| text.trim_end().to_owned())
            .unwrap_or_default(),
        message_id: message.message_id().map(str::to_owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accents_arrive_however_they_were_encoded() {
        let quoted = "Subject: =?utf-8?b?RMOpY2xhcsOp?=\r\n\
            Content-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: quoted-printable\r\n\r\nN=C3=A9 =\r\nhier\r\n";
        let mail = read(quoted.as_bytes());
        assert_eq!(
            (mail.subject.as_deref(), &*mail.text),
            (Some("Déclaré"), "Né hier")
        );
        let base64 = "Content-Type: text/plain; charset=utf-8\r\n\
            Content-Transfer-Encoding: base64\r\n\r\nTsOpIGhpZXI=\r\n";
        assert_eq!(read(base64.as_bytes()).text, "Né hier");
    }

    #[test]
    fn of_many_parts_the_plain_text_is_shown() {
        let raw = "MIME-Version: 1.0\r\nContent-Type: multipart/alternative; boundary=b\r\n\r\n\
            --b\r\nContent-Type: text/plain\r\n\r\nplain\r\n\
            --b\r\nContent-Type: text/html\r\n\r\n<b>rich</b>\r\n--b--\r\n";
        assert_eq!(read(raw.as_bytes()).text, "plain");
    }
}
