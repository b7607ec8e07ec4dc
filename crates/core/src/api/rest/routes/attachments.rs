//! Files that actions refer to.

use super::{Input, Output, Route, Verb, get, post, route};
use crate::api::rest::schemas::{self as schema, reference};

pub(super) fn routes() -> Vec<Route> {
    let tag = "Attachments";
    vec![
        Route {
            tag,
            input: Input::Form,
            answer: schema::any("`{result: {data: {json: path}}}`, as OpenCRVS answers"),
            ..post(
                "/attachments",
                "attachments.upload",
                "Send a whole file; actions refer to it by the path that is answered",
                reference("NewFile"),
            )
        },
        Route {
            tag,
            answer: reference("Upload"),
            ..post(
                "/attachments/uploads",
                "attachments.begin",
                "Begin a file that is sent in chunks, or learn how far it has come",
                reference("NewUpload"),
            )
        },
        Route {
            tag,
            answer: reference("Upload"),
            ..get(
                "/attachments/uploads/{id}",
                "attachments.progress",
                "How far a file of yours has come",
            )
        },
        Route {
            tag,
            input: Input::Chunk,
            answer: reference("Upload"),
            ..route(
                Verb::Patch,
                "/attachments/uploads/{id}",
                "attachments.append",
                "Send the chunk of a file that begins at the byte in `Upload-Offset`; the last \
                 one ends it, if the file's digest is right. Any may be sent again",
            )
        },
        Route {
            tag,
            output: Output::File,
            ..get(
                "/attachments/{path}",
                "attachments.get",
                "A file's content, for whoever may read a record that refers to it; while none \
                 does, for whoever sent it. The path's slashes stay as they are",
            )
        },
    ]
}
