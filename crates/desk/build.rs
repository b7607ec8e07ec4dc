//! Release builds carry the bundle, so a newer one must have them built again. Debug builds read it
//! from its folder when they are asked for it, and need not be.

use std::{env, fs};

const BUNDLE: &str = "../../web/dist";

fn main() {
    println!("cargo:rerun-if-changed=build.rs");
    // Where nothing was built yet, the folder is empty rather than missing: debug builds are told
    // where it is as they are compiled, and cargo takes what is missing for changed, every time.
    // Sources that cannot be written to must do without.
    let _ = fs::create_dir_all(BUNDLE);
    if env::var("PROFILE").as_deref() == Ok("release") {
        println!("cargo:rerun-if-changed={BUNDLE}");
    }
}
