//! Files.

use serde_json::{Value, json};

use super::parts::{flag, object, text, uuid};

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let bytes = || json!({"type": "integer", "minimum": 0});
    let folder = || text("A folder to put it in, such as the record's id");
    let file = object(
        &["transactionId", "file"],
        &[
            ("transactionId", text("Yours; a part of the file's path")),
            ("path", folder()),
            (
                "file",
                json!({
                    "type": "string", "contentMediaType": "application/octet-stream",
                    "description": "The file itself, with its name",
                }),
            ),
        ],
    );
    let begun = object(
        &["transactionId", "fileName", "contentType", "size", "sha256"],
        &[
            ("transactionId", text("Yours; a part of the file's path")),
            ("path", folder()),
            (
                "fileName",
                text("What it is called where it comes from; its ending is a part of its path"),
            ),
            ("contentType", text("Its media type")),
            ("size", bytes()),
            ("sha256", text("Its SHA-256, hexadecimal")),
        ],
    );
    let upload = object(
        &["id", "path", "offset", "size", "contentType", "complete"],
        &[
            ("id", uuid("The upload")),
            ("path", text("What actions refer to it by")),
            ("offset", bytes()),
            ("size", bytes()),
            ("contentType", text("Its media type")),
            ("complete", flag("All of it is here, and as it was sent")),
        ],
    );
    vec![("NewFile", file), ("NewUpload", begun), ("Upload", upload)]
}
