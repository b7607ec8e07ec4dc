//! Files are sent first; actions refer to them; whoever may read the record may read them.

use countersign_core::attachments::FileKind;
use jiff::SignedDuration;
use reqwest::{Method, Response};
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

use crate::{
    core_under_test::CoreUnderTest,
    country_under_test::Answer,
    person::{Person, birth},
    small_country::{self, ADMIN, CLERK, REGISTRAR, text},
};

/// What begins like a picture, and is as long as is said.
fn picture(length: usize, filled_with: u8) -> Vec<u8> {
    let mut picture = b"\x89PNG\r\n\x1a\n".to_vec();
    picture.resize(length, filled_with);
    picture
}

fn digest(content: &[u8]) -> String {
    hex::encode(Sha256::digest(content))
}

async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    let text = response.text().await.unwrap();
    (status, serde_json::from_str(&text).unwrap_or(json!(text)))
}

/// Sends a whole file, as OpenCRVS's clients do.
async fn upload_at(
    core: &CoreUnderTest,
    path: &str,
    token: &str,
    fields: &[(&str, &str)],
    file: Option<(&str, &[u8])>,
) -> (u16, Value) {
    let mut body = Vec::new();
    for (name, value) in fields {
        let head = format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n");
        body.extend([head.as_bytes(), value.as_bytes(), b"\r\n"].concat());
    }
    if let Some((name, content)) = file {
        let head = format!(
            "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"{name}\"\r\n\
             Content-Type: application/octet-stream\r\n\r\n"
        );
        body.extend([head.as_bytes(), content, b"\r\n"].concat());
    }
    body.extend(b"--b--\r\n");
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let sent = client
        .post(format!("{}{path}", core.url))
        .bearer_auth(token)
        .header("Content-Type", "multipart/form-data; boundary=b")
        .body(body)
        .send();
    read(sent.await.unwrap()).await
}

async fn upload(
    core: &CoreUnderTest,
    token: &str,
    transaction: &str,
    content: &[u8],
) -> (u16, Value) {
    let fields = [("transactionId", transaction)];
    upload_at(
        core,
        "/attachments",
        token,
        &fields,
        Some(("a photo.png", content)),
    )
    .await
}

/// Sends a file that is taken; answers its path.
async fn sent(core: &CoreUnderTest, person: &Person<'_>, transaction: &str) -> String {
    let (status, answer) = upload(core, &person.token, transaction, &picture(500, 1)).await;
    assert_eq!(status, 200, "{answer}");
    answer["result"]["data"]["json"]
        .as_str()
        .unwrap()
        .to_owned()
}

async fn fetch(core: &CoreUnderTest, token: &str, path: &str) -> Response {
    fetch_known(core, token, path, "").await
}

async fn fetch_known(core: &CoreUnderTest, token: &str, path: &str, known: &str) -> Response {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let url = format!("{}/attachments/{path}", core.url);
    let request = client.get(url).bearer_auth(token);
    request.header("If-None-Match", known).send().await.unwrap()
}

async fn may_read(core: &CoreUnderTest, token: &str, path: &str) -> bool {
    match fetch(core, token, path).await.status().as_u16() {
        200 => true,
        404 => false,
        other => panic!("{other}"),
    }
}

async fn begin(core: &CoreUnderTest, token: &str, transaction: &str, content: &[u8]) -> Value {
    let body = json!({
        "transactionId": transaction, "fileName": "scan.png", "contentType": "image/png",
        "size": content.len(), "sha256": digest(content),
    });
    let answer = core.post_as(token, "/attachments/uploads", body).await;
    assert_eq!(answer.status, 200, "{}", answer.body);
    answer.body
}

async fn append(
    core: &CoreUnderTest,
    token: &str,
    upload: &Value,
    at: usize,
    chunk: &[u8],
) -> (u16, Value) {
    let client = reqwest::Client::builder().no_proxy().build().unwrap();
    let id = upload["id"].as_str().unwrap();
    let sent = client
        .request(
            Method::PATCH,
            format!("{}/attachments/uploads/{id}", core.url),
        )
        .bearer_auth(token)
        .header("Upload-Offset", at)
        .body(chunk.to_vec())
        .send();
    read(sent.await.unwrap()).await
}

/// A Core whose births have files, and whose country accepts everything.
async fn with_files() -> CoreUnderTest {
    let core = CoreUnderTest::start().await;
    let mut events = small_country::events();
    let fields = events[0]["declaration"]["pages"][0]["fields"]
        .as_array_mut()
        .unwrap();
    fields.extend([
        json!({
            "id": "documents.proof", "type": "FILE", "label": text("proof"),
            "configuration": {"maxFileSize": 1000, "acceptedFileTypes": ["image/png"]},
        }),
        json!({
            "id": "documents.others", "type": "FILE_WITH_OPTIONS", "label": text("others"),
            "options": [{"value": "ID", "label": text("id")}],
        }),
    ]);
    core.country.serve("/config/events", events);
    core.core.configuration.refresh(&core.core).await.unwrap();
    core
}

fn file(path: &str) -> Value {
    json!({"path": path, "originalFilename": "a photo.png", "type": "image/png"})
}

fn birth_with(path: &str) -> Value {
    let mut declaration = birth();
    declaration["documents.proof"] = file(path);
    declaration
}

async fn declare(person: &Person<'_>, declaration: Value) -> Result<String, (u16, Value)> {
    let event = person.begin().await;
    let more = json!({ "declaration": declaration });
    let transaction = format!("declare-{event}");
    let asked = person.ask("declare", &event, &transaction, more);
    asked.await.map(|_| event)
}

#[tokio::test]
async fn a_file_is_sent_whole_as_opencrvs_takes_it() {
    let core = with_files().await;
    let person = core.person(REGISTRAR).await;
    let content = picture(600_000, 7);
    for path in [
        "/attachments",
        "/events/attachments",
        "/api/events/attachments",
        "/events/attachments.upload",
    ] {
        let fields = [("transactionId", "one"), ("path", "folder")];
        let file = Some(("a.photo.png", &content[..]));
        let answer = upload_at(&core, path, &person.token, &fields, file).await;
        let expected = json!({"result": {"data": {"json": "folder/one.png"}}});
        assert_eq!(answer, (200, expected), "{path}");
    }
    let response = fetch(&core, &person.token, "folder/one.png").await;
    assert_eq!(response.status(), 200);
    let header = |name: &str| {
        let value = response.headers().get(name).unwrap();
        value.to_str().unwrap().to_owned()
    };
    let tag = format!("\"{}\"", digest(&content));
    for (name, expected) in [
        ("content-type", "image/png"),
        ("content-length", "600000"),
        ("x-content-type-options", "nosniff"),
        ("content-security-policy", "default-src 'none'; sandbox"),
        (
            "content-disposition",
            "attachment; filename*=UTF-8''a.photo.png",
        ),
        ("cache-control", "private, no-cache"),
        ("etag", &tag),
    ] {
        assert_eq!(header(name), expected);
    }
    assert_eq!(response.bytes().await.unwrap(), content);
    let known = fetch_known(&core, &person.token, "folder/one.png", &tag).await;
    assert_eq!(known.status(), 304);
    assert!(known.bytes().await.unwrap().is_empty());
}

#[tokio::test]
async fn what_is_no_file_of_these_kinds_is_refused() {
    let core = CoreUnderTest::start_with(|settings| {
        settings.attachments.largest = 1000;
        settings.attachments.kinds = vec![FileKind::Png];
    })
    .await;
    let person = core.person(REGISTRAR).await;
    let token = &person.token;
    for content in [&b"<svg onload='alert(1)'>"[..], b"%PDF-1.7", b"", b"\x89PN"] {
        let (status, answer) = upload(&core, token, "t", content).await;
        assert_eq!(status, 400, "{answer}");
    }
    assert_eq!(upload(&core, token, "t", &picture(1001, 0)).await.0, 413);
    for transaction in ["", "../t", "a b", "uploads/t", "a?b"] {
        let (status, answer) = upload(&core, token, transaction, &picture(10, 0)).await;
        assert_eq!(status, 400, "{transaction}: {answer}");
    }
    let without_file = upload_at(
        &core,
        "/attachments",
        token,
        &[("transactionId", "t")],
        None,
    );
    assert_eq!(without_file.await.0, 400);
    let as_json = core
        .post_as(token, "/attachments", json!({"transactionId": "t"}))
        .await;
    assert_eq!(as_json.status, 400);
    assert_eq!(upload(&core, token, "t", &picture(1000, 0)).await.0, 200);
    assert_eq!(upload(&core, token, "t", &picture(1000, 0)).await.0, 200);
    assert_eq!(upload(&core, token, "t", &picture(1000, 1)).await.0, 409);
    let other = core.person(REGISTRAR).await;
    assert_eq!(
        upload(&core, &other.token, "t", &picture(1000, 0)).await.0,
        409
    );
}

#[tokio::test]
async fn who_brings_no_answers_sends_no_files() {
    let core = CoreUnderTest::start().await;
    let person = core.person(REGISTRAR).await;
    let reader = person.with_scopes(&["type=record.read"]);
    assert_eq!(
        upload(&core, &reader.token, "t", &picture(10, 0)).await.0,
        403
    );
    assert_eq!(upload(&core, "", "t", &picture(10, 0)).await.0, 401);
    let notifying = core
        .system(&["type=record.notify", "type=record.create"])
        .await;
    assert_eq!(
        upload(&core, &notifying.token, "t", &picture(10, 0))
            .await
            .0,
        403
    );
    let sending = core.system(&["type=attachment.upload"]).await;
    assert_eq!(
        upload(&core, &sending.token, "t", &picture(10, 0)).await.0,
        200
    );
}

#[tokio::test]
async fn a_file_comes_in_chunks_and_whatever_is_repeated_changes_nothing() {
    let core = with_files().await;
    let person = core.person(REGISTRAR).await;
    let token = &person.token;
    let content = picture(700_000, 9);
    let begun = begin(&core, token, "t", &content).await;
    assert_eq!(
        (&begun["path"], &begun["offset"]),
        (&json!("t.png"), &json!(0))
    );
    let (first, rest) = content.split_at(300_000);
    for _ in 0..2 {
        let (status, answer) = append(&core, token, &begun, 0, first).await;
        assert_eq!((status, &answer["offset"]), (200, &json!(300_000)));
        assert_eq!(answer["complete"], false);
    }
    assert_eq!(begin(&core, token, "t", &content).await["offset"], 300_000);
    let progress = format!("/attachments/uploads/{}", begun["id"].as_str().unwrap());
    let progress = core.ask_path(token, Method::GET, &progress).await;
    assert_eq!(progress.body["offset"], 300_000);
    for at in [299_999, 300_001] {
        let (status, answer) = append(&core, token, &begun, at, &rest[..10]).await;
        assert_eq!(
            (status, &answer["data"]["details"]["offset"]),
            (409, &json!(300_000))
        );
    }
    assert_eq!(append(&core, token, &begun, 300_000, &content).await.0, 413);
    // Nobody reads what is not whole, and nobody else goes on with it.
    assert!(!may_read(&core, token, "t.png").await);
    let other = core.person(REGISTRAR).await;
    assert_eq!(
        append(&core, &other.token, &begun, 300_000, rest).await.0,
        404
    );
    for _ in 0..2 {
        let (status, answer) = append(&core, token, &begun, 300_000, rest).await;
        assert_eq!((status, &answer["complete"]), (200, &json!(true)));
    }
    assert_eq!(begin(&core, token, "t", &content).await["complete"], true);
    let read = fetch(&core, token, "t.png").await;
    assert_eq!(read.bytes().await.unwrap(), content);
    assert_eq!(upload(&core, token, "t", &content).await.0, 200);
}

#[tokio::test]
async fn a_file_begun_in_chunks_may_come_whole_after_all() {
    let core = with_files().await;
    let person = core.person(REGISTRAR).await;
    let content = picture(400_000, 3);
    let begun = begin(&core, &person.token, "t", &content).await;
    append(&core, &person.token, &begun, 0, &content[..100_000]).await;
    assert_eq!(upload(&core, &person.token, "t", &content).await.0, 200);
    let read = fetch(&core, &person.token, "t.png").await;
    assert_eq!(read.bytes().await.unwrap(), content);
}

#[tokio::test]
async fn a_file_that_arrives_damaged_begins_again() {
    let core = with_files().await;
    let person = core.person(REGISTRAR).await;
    let content = picture(1000, 9);
    let begun = begin(&core, &person.token, "t", &content).await;
    let (status, answer) = append(&core, &person.token, &begun, 0, &picture(1000, 8)).await;
    assert_eq!(
        (status, &answer["data"]["details"]["offset"]),
        (400, &json!(0))
    );
    assert_eq!(
        begin(&core, &person.token, "t", &content).await["offset"],
        0
    );
    let (status, answer) = append(&core, &person.token, &begun, 0, &content).await;
    assert_eq!((status, &answer["complete"]), (200, &json!(true)));

    let no_picture = vec![b'x'; 1000];
    let begun = begin(&core, &person.token, "u", &no_picture).await;
    let (status, answer) = append(&core, &person.token, &begun, 0, &no_picture[..200]).await;
    assert_eq!(status, 400, "{answer}");
    let (status, _) = append(&core, &person.token, &begun, 0, &no_picture[..5]).await;
    assert_eq!(status, 200);
    let (status, answer) = append(&core, &person.token, &begun, 5, &no_picture[5..]).await;
    assert_eq!(status, 400, "{answer}");
    assert_eq!(
        append(&core, &person.token, &begun, 0, &no_picture).await.0,
        404
    );
}

#[tokio::test]
async fn a_file_is_its_senders_until_a_record_refers_to_it() {
    let core = with_files().await;
    let (clerk, registrar) = (core.person(CLERK).await, core.person(REGISTRAR).await);
    let path = sent(&core, &clerk, "t").await;
    let system = core.system(&["type=record.read"]).await;
    assert!(may_read(&core, &clerk.token, &path).await);
    for other in [&registrar, &system] {
        assert!(!may_read(&core, &other.token, &path).await);
    }
    let event = declare(&clerk, birth_with(&path)).await.unwrap();
    for reader in [&clerk, &registrar, &system] {
        assert!(may_read(&core, &reader.token, &path).await);
    }
    // Once it is a record's, having sent it is no reason.
    for scopes in [
        &["type=record.read&event=death"][..],
        &["type=record.declare"],
        &[],
    ] {
        let clerk = core.person_with_id(clerk.id, CLERK, scopes);
        assert!(!may_read(&core, &clerk.token, &path).await, "{scopes:?}");
    }
    let deaths = core.system(&["type=record.read&event=death"]).await;
    assert!(!may_read(&core, &deaths.token, &path).await);

    core.core.reads.written().await;
    let event = event.parse().unwrap();
    let (trail, _) = core
        .core
        .store
        .audit(Some(event), None, 0, 100)
        .await
        .unwrap();
    let reads = trail
        .iter()
        .filter(|entry| entry.operation == "attachments.get");
    let readers: Vec<_> = reads.map(|entry| entry.client_id.clone()).collect();
    let expected = [&system, &registrar, &clerk].map(|reader| reader.id.to_string());
    assert_eq!(readers, expected);
}

#[tokio::test]
async fn the_country_reads_the_files_of_the_record_it_decides_on_and_no_others() {
    let core = with_files().await;
    let registrar = core.person(REGISTRAR).await;
    let (path, other) = (
        sent(&core, &registrar, "t").await,
        sent(&core, &registrar, "u").await,
    );
    declare(&registrar, birth_with(&other)).await.unwrap();
    core.country.then(Answer::With(202, Value::Null));
    declare(&registrar, birth_with(&path)).await.unwrap();
    let arrived = core.country.arrived();
    let token = arrived.last().unwrap().token();
    assert!(may_read(&core, &token, &path).await);
    assert!(!may_read(&core, &token, &other).await);
}

#[tokio::test]
async fn an_action_refers_to_files_that_are_there_and_are_its_senders_to_refer_to() {
    let core = with_files().await;
    let (clerk, registrar) = (core.person(CLERK).await, core.person(REGISTRAR).await);
    let refused = async |person: &Person<'_>, declaration: Value, problem: &str| {
        let (status, error) = declare(person, declaration).await.unwrap_err();
        assert_eq!(status, 400, "{error}");
        let field = &error["data"]["fields"][0];
        assert_eq!(field["messageId"], problem, "{error}");
        (field["field"].clone(), error["message"].clone())
    };
    let (field, message) = refused(&clerk, birth_with("none.png"), "error.fileNotFound").await;
    assert_eq!(field, "documents.proof");
    assert_eq!(message, "File not found: none.png");
    let begun = begin(&core, &clerk.token, "half", &picture(100, 0)).await;
    let half = begun["path"].as_str().unwrap();
    refused(&clerk, birth_with(half), "error.fileNotFound").await;
    let path = sent(&core, &clerk, "theirs").await;
    refused(&registrar, birth_with(&path), "error.fileNotFound").await;

    let large = upload(&core, &clerk.token, "large", &picture(1001, 0)).await;
    assert_eq!(large.0, 200);
    refused(&clerk, birth_with("large.png"), "error.fileTooLarge").await;
    let mut others = birth();
    let mut with_option = file("large.png");
    with_option["option"] = json!("ID");
    others["documents.others"] = json!([with_option]);
    declare(&clerk, others).await.unwrap();
    let mut jpeg = b"\xff\xd8\xff".to_vec();
    jpeg.resize(100, 0);
    let fields = [("transactionId", "photo")];
    let photo = Some(("photo.jpg", &jpeg[..]));
    let sent = upload_at(&core, "/attachments", &clerk.token, &fields, photo).await;
    assert_eq!(sent.0, 200);
    refused(&clerk, birth_with("photo.jpg"), "error.fileType").await;
    declare(&clerk, birth_with(&path)).await.unwrap();
}

#[tokio::test]
async fn a_record_that_is_brought_in_may_refer_to_files_that_are_elsewhere() {
    let core = with_files().await;
    let registrar = core.person(REGISTRAR).await;
    let id = core.core.world.new_id().to_string();
    let at = "2020-01-01T10:00:00.000Z";
    let action = |kind: &str, declaration: Value| {
        json!({
            "id": core.core.world.new_id(), "type": kind, "status": "Accepted",
            "transactionId": format!("old {kind}"), "createdAt": at, "createdBy": registrar.id,
            "createdByUserType": "user", "createdByRole": REGISTRAR, "declaration": declaration,
            "createdAtLocation": small_country::OFFICE,
        })
    };
    let actions = [
        action("CREATE", json!({})),
        action("DECLARE", birth_with("old/one.png")),
    ];
    let document = json!({
        "id": id, "type": "birth", "createdAt": at, "updatedAt": at, "trackingId": "OLD123",
        "actions": actions,
    });
    let system = core
        .system(&["type=record.import", "type=attachment.upload"])
        .await;
    system
        .call("event.bulkImport", json!([document]))
        .await
        .unwrap();

    // Nobody puts a file of their own in its place; whoever brings files in, does.
    let fields = [("transactionId", "one"), ("path", "old")];
    let content = picture(100, 0);
    let one = Some(("one.png", &content[..]));
    let taken = upload_at(&core, "/attachments", &registrar.token, &fields, one).await;
    assert_eq!(taken.0, 409, "{}", taken.1);
    assert!(!may_read(&core, &registrar.token, "old/one.png").await);
    registrar.assign(&id, "assign").await;
    let more = json!({ "declaration": birth_with("old/one.png") });
    registrar
        .ask("register", &id, "register", more)
        .await
        .unwrap();
    let brought = upload_at(&core, "/attachments", &system.token, &fields, one).await;
    assert_eq!(brought.0, 200, "{}", brought.1);
    assert!(may_read(&core, &registrar.token, "old/one.png").await);
}

#[tokio::test]
async fn what_nothing_refers_to_is_forgotten_and_what_is_used_stays() {
    let core = with_files().await;
    let person = core.person(REGISTRAR).await;
    let (used, unused) = (
        sent(&core, &person, "a").await,
        sent(&core, &person, "b").await,
    );
    declare(&person, birth_with(&used)).await.unwrap();
    core.clock.advance(SignedDuration::from_hours(60 * 24 + 1));
    let person = core.person_with_id(
        person.id,
        REGISTRAR,
        &[
            "type=record.read",
            "type=record.create",
            "type=record.declare",
        ],
    );
    assert_eq!(core.core.forget_files().await.unwrap(), 0);
    // It is good for nothing any more: it may be forgotten at any time.
    assert!(declare(&person, birth_with(&unused)).await.is_err());
    core.clock.advance(SignedDuration::from_hours(24));
    assert_eq!(core.core.forget_files().await.unwrap(), 1);
    assert!(may_read(&core, &person.token, &used).await);
    assert!(!may_read(&core, &person.token, &unused).await);
}

#[tokio::test]
async fn everybody_sees_a_persons_picture() {
    let core = with_files().await;
    let (person, other) = (core.person(REGISTRAR).await, core.person(CLERK).await);
    let path = sent(&core, &person, "me").await;
    assert!(!may_read(&core, &other.token, &path).await);
    let input = json!({"userId": person.id, "avatar": path});
    person.call("user.changeAvatar", input).await.unwrap();
    assert!(may_read(&core, &other.token, &path).await);
    let input = json!({"userId": other.id, "avatar": "theirs.png"});
    other.call("user.changeAvatar", input).await.unwrap();
    let theirs = sent(&core, &person, "theirs").await;
    // Naming a file does not open it.
    assert!(!may_read(&core, &other.token, &theirs).await);
}

#[tokio::test]
async fn nobody_opens_a_records_file_as_a_picture_or_a_signature() {
    let core = with_files().await;
    let (person, other) = (core.person(REGISTRAR).await, core.person(CLERK).await);
    let evidence = sent(&core, &person, "evidence").await;
    declare(&person, birth_with(&evidence)).await.unwrap();
    let unused = sent(&core, &person, "unused").await;
    let avatar = |of: &Person<'_>, path: &str| json!({"userId": of.id, "avatar": path});
    // Not even who sent it: it is the record's, and a picture is everybody's to see.
    let own = person.call("user.changeAvatar", avatar(&person, &evidence));
    assert_eq!(own.await.unwrap_err().0, 400);
    for path in [&evidence, &unused] {
        let others = other.call("user.changeAvatar", avatar(&other, path));
        assert_eq!(others.await.unwrap_err().0, 400, "{path}");
    }
    // What somebody has for a signature goes into every record they act on.
    let admin = core.token_of("a.admin", ADMIN).await;
    let signature = |path: &str| {
        let file = json!({"path": path, "originalFilename": "s.png", "type": "image/png"});
        json!({"id": other.id, "signature": file})
    };
    for path in [&evidence, &unused] {
        let answer = core.call(&admin, "user.update", signature(path)).await;
        assert_eq!(answer.status, 400, "{:?}", answer.body);
    }
    let theirs = sent(&core, &other, "theirs").await;
    let answer = core.call(&admin, "user.update", signature(&theirs)).await;
    assert_eq!(answer.status, 200, "{:?}", answer.body);
}
