//! SMS and mail, and reading them.

use lettre::{
    AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor, message::header::ContentType,
};
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use crate::Standins;

fn mailer(standins: &Standins) -> AsyncSmtpTransport<Tokio1Executor> {
    AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous("127.0.0.1")
        .port(standins.running.smtp.port())
        .build()
}

fn mail(text: &str) -> Message {
    Message::builder()
        .from("Registry <registry@example.org>".parse().unwrap())
        .to("awa@example.org".parse().unwrap())
        .subject("Déclaration reçue")
        .message_id(Some("<one@example.org>".to_owned()))
        .header(ContentType::TEXT_PLAIN)
        .body(text.to_owned())
        .unwrap()
}

#[tokio::test]
async fn messages_are_listed_newest_first_and_by_recipient() {
    let standins = Standins::start().await;
    for (to, text) in [
        ("0700000001", "one"),
        ("0700000002", "two"),
        ("0700000001", "three"),
    ] {
        let (status, _) = standins
            .post("/sms", json!({ "to": to, "text": text }))
            .await;
        assert_eq!(status, 202);
    }
    let all = standins.get("/inbox").await;
    assert_eq!(all.as_array().unwrap().len(), 3);
    let hers = standins.get("/inbox?to=0700000001").await;
    assert_eq!(
        (&hers[0]["text"], &hers[1]["text"]),
        (&json!("three"), &json!("one"))
    );
    assert_eq!(hers[0]["kind"], "sms");
}

#[tokio::test]
async fn a_text_sent_twice_under_one_key_is_one_message() {
    let standins = Standins::start().await;
    for _ in 0..2 {
        let url = standins.url("/sms");
        let body = json!({ "to": "0700000001", "text": "once" });
        let request = standins
            .client
            .post(url)
            .header("Idempotency-Key", "k")
            .json(&body);
        assert_eq!(request.send().await.unwrap().status(), 202);
    }
    assert_eq!(standins.get("/inbox").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn a_mail_arrives_with_its_subject_accents_and_dots() {
    let standins = Standins::start().await;
    let text = "Né à l'hôpital\n.une ligne qui commence par un point\n.\nfin";
    mailer(&standins).send(mail(text)).await.unwrap();
    let inbox = standins.get("/inbox?to=awa@example.org").await;
    assert_eq!(inbox[0]["subject"], "Déclaration reçue");
    assert_eq!(inbox[0]["text"].as_str().unwrap().replace('\r', ""), text);
}

#[tokio::test]
async fn a_mail_sent_twice_under_one_id_is_one_message() {
    let standins = Standins::start().await;
    let mailer = mailer(&standins);
    mailer.send(mail("one")).await.unwrap();
    mailer.send(mail("one")).await.unwrap();
    assert_eq!(standins.get("/inbox").await.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_outage_turns_texts_and_mails_away() {
    let standins = Standins::start().await;
    standins.turn("sms", json!({ "outage": true })).await;
    standins.turn("mail", json!({ "outage": true })).await;
    assert_eq!(
        standins
            .post("/sms", json!({ "to": "1", "text": "" }))
            .await
            .0,
        503
    );
    assert!(mailer(&standins).send(mail("one")).await.is_err());
}

#[tokio::test]
async fn a_bare_line_feed_cannot_smuggle_in_a_second_mail() {
    let standins = Standins::start().await;
    let stream = tokio::net::TcpStream::connect(standins.running.smtp)
        .await
        .unwrap();
    let (reader, mut writer) = stream.into_split();
    let mut replies = BufReader::new(reader).lines();
    assert!(
        replies
            .next_line()
            .await
            .unwrap()
            .unwrap()
            .starts_with("220")
    );
    for (command, reply) in [
        ("HELO me\r\n", "250"),
        ("MAIL FROM:<a@example.org>\r\n", "250"),
        ("RCPT TO:<b@example.org>\r\n", "250"),
        ("DATA\r\n", "354"),
        ("one\r\n.\nMAIL FROM:<x@example.org>\r\n.\r\n", "250"),
        ("QUIT\r\n", "221"),
    ] {
        writer.write_all(command.as_bytes()).await.unwrap();
        assert!(
            replies
                .next_line()
                .await
                .unwrap()
                .unwrap()
                .starts_with(reply),
            "{command}"
        );
    }
    let inbox = standins.get("/inbox").await;
    assert_eq!(inbox.as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn the_page_shows_messages_without_running_what_is_in_them() {
    let standins = Standins::start().await;
    standins
        .post(
            "/sms",
            json!({ "to": "0700000001", "text": "<script>hi</script>" }),
        )
        .await;
    let page = standins.client.get(standins.url("/")).send().await.unwrap();
    assert!(page.headers().contains_key("content-security-policy"));
    let html = page.text().await.unwrap();
    assert!(html.contains("&lt;script&gt;hi") && html.contains("0700000001"));
}
