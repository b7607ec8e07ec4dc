//! What is at `/`: for people's browsers, where they work.

use crate::core_under_test::CoreUnderTest;

async fn asked(under_test: &CoreUnderTest, accept: &str) -> reqwest::Response {
    let http = reqwest::Client::builder()
        .no_proxy()
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .unwrap();
    let request = http.get(format!("{}/", under_test.url));
    request.header("accept", accept).send().await.unwrap()
}

const BROWSER: &str = "text/html,application/xhtml+xml,*/*;q=0.8";

#[tokio::test]
async fn a_browser_is_led_to_the_desk_and_a_program_is_told_where_to_look() {
    let under_test = CoreUnderTest::start_with(|settings| {
        settings.front_page = Some("/desk/".to_owned());
    })
    .await;
    let led = asked(&under_test, BROWSER).await;
    assert_eq!(led.status(), 302);
    assert_eq!(led.headers()["location"], "/desk/");
    let program = asked(&under_test, "*/*").await;
    assert_eq!(program.status(), 404);
    assert!(program.text().await.unwrap().contains("/docs"));
}

#[tokio::test]
async fn without_a_desk_nothing_is_there_for_anybody() {
    let under_test = CoreUnderTest::start().await;
    assert_eq!(asked(&under_test, BROWSER).await.status(), 404);
}
