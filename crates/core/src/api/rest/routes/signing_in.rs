//! Signing in.

/// Signing in, which is served beside the table of operations: path below `/auth`, what it does,
/// the fields it takes, and what it answers.
pub(in crate::api::rest) const SIGNING_IN: [(&str, &str, &[&str], &str); 12] = [
    (
        "authenticate",
        "Begin to sign in; a code is sent",
        &["username", "password"],
        "nonce",
    ),
    (
        "verifyCode",
        "Sign in with the code that was sent",
        &["nonce", "code"],
        "token",
    ),
    (
        "resendAuthenticationCode",
        "Send a fresh code; the one before ends",
        &["nonce"],
        "nonce",
    ),
    (
        "refreshToken",
        "Exchange a good token for a fresh one",
        &["token"],
        "token",
    ),
    (
        "verifyToken",
        "Whether a token is good",
        &["token"],
        "valid",
    ),
    (
        "invalidateToken",
        "Sign out: the token ends",
        &["token"],
        "",
    ),
    (
        "token",
        "A token for a system client (`client_credentials`), for one action, or for telling somebody else who a person is (token exchange)",
        &["grant_type"],
        "access_token",
    ),
    (
        "verifyUser",
        "Recovery: name the mobile number or mail",
        &["retrieveFlow"],
        "nonce",
    ),
    (
        "verifyNumber",
        "Recovery: the code that was sent",
        &["nonce", "code"],
        "nonce",
    ),
    (
        "verifySecurityAnswer",
        "Recovery: the answer to a security question",
        &["nonce", "answer"],
        "nonce",
    ),
    (
        "changePassword",
        "Recovery: a new password",
        &["nonce", "newPassword"],
        "",
    ),
    (
        "sendUserName",
        "Recovery: send the username",
        &["nonce"],
        "",
    ),
];
