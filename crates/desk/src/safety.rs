//! What browsers are told not to do with anything of the desk's.

use axum::{
    extract::State,
    http::{HeaderName, HeaderValue, header},
    response::Response,
};

/// What a page may do when nothing else can be said of it.
pub(crate) const NOTHING: &str = "default-src 'none'; frame-ancestors 'none'";

/// Everything comes from here; only data may also come from elsewhere, ` ORIGIN` for each. Scripts
/// may be made of text (`unsafe-eval`), because the country's conditionals and certificates are
/// compiled to functions; none may stand in a page.
pub(crate) fn content_policy(elsewhere: &str) -> String {
    format!(
        "default-src 'self'; script-src 'self' 'unsafe-eval'; \
         style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; \
         font-src 'self' data:; connect-src 'self'{elsewhere}; worker-src 'self'; \
         frame-src 'self' blob:; frame-ancestors 'none'; base-uri 'none'; \
         form-action 'self'"
    )
}

/// On every answer.
const ALWAYS: [(&str, &str); 4] = [
    ("x-content-type-options", "nosniff"),
    // Addresses name records.
    ("referrer-policy", "no-referrer"),
    (
        "permissions-policy",
        "camera=(self), geolocation=(self), microphone=(), payment=(), usb=()",
    ),
    ("cross-origin-opener-policy", "same-origin"),
];

/// Adds what guards it to an answer.
pub(crate) async fn guard(State(policy): State<HeaderValue>, mut response: Response) -> Response {
    response
        .headers_mut()
        .insert(header::CONTENT_SECURITY_POLICY, policy);
    for (name, value) in ALWAYS {
        let name = HeaderName::from_static(name);
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}
