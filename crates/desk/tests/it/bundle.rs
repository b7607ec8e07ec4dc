//! What is answered for a file, for a place in the application, and for what is not there.

use desk::Connections;
use reqwest::Response;

use crate::desk_under_test::DeskUnderTest;

const BUNDLE: [(&str, &str); 4] = [
    ("index.html", "<!doctype html><title>desk</title>"),
    ("sw.js", "self"),
    ("manifest.webmanifest", "{}"),
    ("assets/main-1a2b.js", "whole"),
];

fn header<'a>(response: &'a Response, name: &str) -> &'a str {
    let value = response.headers().get(name);
    value.map_or("", |value| value.to_str().unwrap())
}

#[tokio::test]
async fn files_are_answered_as_what_they_are() {
    let desk = DeskUnderTest::start(&BUNDLE).await;
    for (path, kind) in [
        ("/desk/", "text/html; charset=utf-8"),
        ("/desk/index.html", "text/html; charset=utf-8"),
        ("/desk/sw.js", "text/javascript; charset=utf-8"),
        ("/desk/manifest.webmanifest", "application/manifest+json"),
        (
            "/desk/assets/main-1a2b.js",
            "text/javascript; charset=utf-8",
        ),
    ] {
        let answer = desk.get(path, &[]).await;
        assert_eq!(answer.status(), 200, "{path}");
        assert_eq!(header(&answer, "content-type"), kind, "{path}");
    }
}

#[tokio::test]
async fn a_place_in_the_application_starts_it_and_a_missing_file_is_missing() {
    let desk = DeskUnderTest::start(&BUNDLE).await;
    for place in [
        "/desk/workqueue/in-review",
        "/desk/events/0190/record",
        "/desk/x/",
    ] {
        let answer = desk.get(place, &[]).await;
        assert_eq!(answer.status(), 200, "{place}");
        assert!(answer.text().await.unwrap().contains("desk"), "{place}");
    }
    for file in ["/desk/assets/main-old.js", "/desk/nothing.png"] {
        let answer = desk.get(file, &[]).await;
        assert_eq!(answer.status(), 404, "{file}");
        assert_eq!(header(&answer, "cache-control"), "no-cache", "{file}");
    }
    let bare = desk.get("/desk", &[]).await;
    assert_eq!(
        (bare.status().as_u16(), header(&bare, "location")),
        (308, "/desk/")
    );
}

#[tokio::test]
async fn no_path_leads_out_of_the_bundle() {
    let desk = DeskUnderTest::start(&BUNDLE).await;
    desk.write("../secret.txt", "hush");
    for path in [
        "/desk/../secret.txt",
        "/desk/%2e%2e/secret.txt",
        "/desk/assets/..%2f..%2fsecret.txt",
        "/desk//secret.txt",
        "/desk/%2fetc/passwd",
        "/desk/%00.txt",
    ] {
        let answer = desk.raw(path).await;
        assert!(
            !answer.contains("hush") && !answer.contains("root:"),
            "{path}"
        );
    }
}

#[tokio::test]
async fn a_browser_keeps_what_is_named_by_its_content_and_asks_about_the_rest() {
    let desk = DeskUnderTest::start(&BUNDLE).await;
    let asset = desk.get("/desk/assets/main-1a2b.js", &[]).await;
    let forever = "public, max-age=31536000, immutable";
    assert_eq!(header(&asset, "cache-control"), forever);
    let start = desk.get("/desk/", &[]).await;
    assert_eq!(header(&start, "cache-control"), "no-cache");
    let tag = header(&start, "etag").to_owned();
    assert!(tag.starts_with('"'), "a strong one: {tag}");

    let again = desk.get("/desk/", &[("if-none-match", &tag)]).await;
    assert_eq!(again.status(), 304);
    assert_eq!(header(&again, "etag"), tag);
    desk.write("index.html", "<!doctype html><title>newer desk</title>");
    let newer = desk.get("/desk/", &[("if-none-match", &tag)]).await;
    assert_eq!(newer.status(), 200);
}

#[tokio::test]
async fn a_packed_file_is_sent_to_whoever_takes_it() {
    let desk = DeskUnderTest::start(&BUNDLE).await;
    desk.write("assets/main-1a2b.js.br", "brotli");
    desk.write("assets/main-1a2b.js.gz", "gzip");
    let path = "/desk/assets/main-1a2b.js";
    let mut tags = Vec::new();
    for (takes, coding, body) in [
        ("gzip, deflate, br", "br", "brotli"),
        ("gzip", "gzip", "gzip"),
        ("identity", "", "whole"),
    ] {
        let answer = desk.get(path, &[("accept-encoding", takes)]).await;
        assert_eq!(header(&answer, "content-encoding"), coding);
        assert_eq!(header(&answer, "vary"), "accept-encoding");
        assert!(header(&answer, "content-type").starts_with("text/javascript"));
        tags.push(header(&answer, "etag").to_owned());
        assert_eq!(answer.text().await.unwrap(), body);
    }
    tags.dedup();
    assert_eq!(tags.len(), 3, "each form has a tag of its own");
    let plain = desk.get("/desk/sw.js", &[("accept-encoding", "br")]).await;
    assert_eq!(
        header(&plain, "content-encoding"),
        "",
        "nobody has packed it"
    );
    assert_eq!(plain.text().await.unwrap(), "self");
}

#[tokio::test]
async fn nothing_of_the_desk_is_served_unguarded() {
    let desk = DeskUnderTest::start(&BUNDLE).await;
    for path in [
        "/desk/",
        "/desk/sw.js",
        "/desk/missing.js",
        "/desk/a/place",
        "/desk",
    ] {
        let answer = desk.get(path, &[]).await;
        let content = header(&answer, "content-security-policy");
        assert!(content.contains("frame-ancestors 'none'"), "{path}");
        assert!(
            !content.contains("script-src 'self' 'unsafe-inline'"),
            "{path}"
        );
        assert_eq!(
            header(&answer, "x-content-type-options"),
            "nosniff",
            "{path}"
        );
        assert_eq!(header(&answer, "referrer-policy"), "no-referrer", "{path}");
        let permitted = header(&answer, "permissions-policy");
        assert!(permitted.contains("camera=(self)"), "{path}");
    }
    let worker = desk.get("/desk/sw.js", &[]).await;
    assert_eq!(header(&worker, "service-worker-allowed"), "/desk/");
}

#[tokio::test]
async fn the_desk_connects_to_whom_the_operator_names_and_is_fetched_anew_when_they_change() {
    let alone = DeskUnderTest::start(&BUNDLE).await;
    let named = Connections::new(
        vec!["https://codes.example".parse().unwrap()],
        vec!["https://id.example".parse().unwrap()],
    );
    let connected = DeskUnderTest::start_connecting(&BUNDLE, &named).await;
    let mut scripts = Vec::new();
    for (desk, connects, told) in [
        (
            &alone,
            "connect-src 'self';",
            r#"{"asks":[],"introduces":[]}"#,
        ),
        (
            &connected,
            "connect-src 'self' https://codes.example https://id.example;",
            r#"{"asks":["https://codes.example","https://id.example"],"introduces":["https://id.example"]}"#,
        ),
    ] {
        for path in ["/desk/", "/desk/index.html", "/desk/sw.js"] {
            let answer = desk.get(path, &[]).await;
            let policy = header(&answer, "content-security-policy");
            assert!(policy.contains(connects), "{path}: {policy}");
        }
        let list = desk.get("/desk/connections.json", &[]).await;
        assert_eq!(header(&list, "content-type"), "application/json");
        assert_eq!(list.text().await.unwrap(), told);
        // What the service worker imports: it changes with the headers that the worker keeps.
        let script = desk.get("/desk/connections.js", &[]).await;
        assert_eq!(header(&script, "cache-control"), "no-cache");
        assert!(header(&script, "content-type").starts_with("text/javascript"));
        scripts.push(script.text().await.unwrap());
    }
    scripts.dedup();
    assert_eq!(scripts.len(), 2);
}

#[tokio::test]
async fn a_program_without_a_desk_says_how_to_build_one() {
    let desk = DeskUnderTest::start(&[]).await;
    for path in ["/desk/", "/desk/a/place"] {
        let answer = desk.get(path, &[]).await;
        assert_eq!(answer.status(), 503, "{path}");
        assert_eq!(header(&answer, "content-type"), "text/html; charset=utf-8");
        assert!(
            answer
                .text()
                .await
                .unwrap()
                .contains("scripts/web.sh build")
        );
    }
    assert_eq!(desk.get("/desk/assets/main.js", &[]).await.status(), 404);
}
