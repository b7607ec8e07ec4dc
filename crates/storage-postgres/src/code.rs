//! Functions that the database runs for us.
//!
//! What must be one round trip, or must look at the database while it holds a lock, is a function
//! there. Functions belong to the program, not to the data: they are kept in a schema named by a
//! digest of their text, so each version of the program has its own, nodes of two versions can work
//! side by side, and no migration ever has to keep an old one alive. A schema that no program uses
//! any more is a few kilobytes of text; nobody has to be rid of it.
//!
//! Each file in `code/` is a part; none may write outside the two schemas of the `search_path`.

use std::sync::LazyLock;

use sha2::{Digest as _, Sha256};

/// The parts, in the order in which they are made.
const PARTS: &[&str] = &[
    include_str!("code/fold.sql"),
    include_str!("code/deliveries.sql"),
    include_str!("code/nodes.sql"),
    include_str!("code/projections.sql"),
    include_str!("code/duplicates.sql"),
    include_str!("code/records.sql"),
];

/// The name of the schema of this program's functions.
pub(crate) fn schema() -> &'static str {
    static NAME: LazyLock<String> = LazyLock::new(|| {
        let mut digest = Sha256::new();
        for part in PARTS {
            digest.update(part);
        }
        let digest = hex::encode(digest.finalize());
        format!("countersign_code_{}", digest.get(..12).unwrap_or(&digest))
    });
    &NAME
}

/// The statements that make the schema, where it is not there yet.
pub(crate) fn make() -> String {
    let mut sql = format!("CREATE SCHEMA {};\n", schema());
    for part in PARTS {
        sql.push_str(part);
        sql.push('\n');
    }
    sql
}
