//! Sees that no server outlives those who use it.
//!
//! Whoever uses a server holds a lock on a file in its directory. The guard is a small shell process
//! that waits until it gets that lock for itself: then nobody is left, however they ended, since the
//! system takes the locks of a process with it. It ends the server and removes the directory.

use std::{
    fs::File,
    path::Path,
    process::{Command, Stdio},
};

use crate::{ClusterError, tried};

/// The file that users of a server lock.
pub(crate) const USERS: &str = "users.lock";
/// The file that is locked by whoever starts or ends a server that is shared.
pub(crate) const STARTING: &str = "starting.lock";

/// `$1` is the directory, `$2` how many seconds to wait for somebody else to come. Lock files stay
/// until the end, so that everybody locks the same ones; the directory of data goes first.
const GUARD: &str = r#"
cd "$1" || exit 0
while :; do
  # Waits for the last user.
  flock --exclusive users.lock true
  sleep "$2"
  # Nobody can begin to use it from here on, unless somebody has meanwhile.
  exec 8>starting.lock 9<>users.lock
  flock --exclusive 8
  if flock --exclusive --nonblock 9; then break; fi
  exec 8>&- 9>&-
done
# It removes this file when it has ended; one that was killed does not, and can't be told to.
if read -r server 2>/dev/null <data/postmaster.pid; then
  while [ -e data/postmaster.pid ] && kill -QUIT "$server" 2>/dev/null && [ -s "/proc/$server/cmdline" ]; do
    sleep 0.05
  done
fi
rm -rf data socket log
# What is shared keeps its locks: somebody may be waiting for one just now.
if [ "$2" = 0 ]; then cd / && rm -rf "$1"; fi
"#;

/// Starts the guard of a directory, in which [`USERS`] must be locked already. It belongs to nobody:
/// what ends the tests does not end it.
pub(crate) fn post(directory: &Path, linger_seconds: u32) -> Result<(), ClusterError> {
    let posted = Command::new("setsid")
        .args(["--fork", "sh", "-c", GUARD, "guard"])
        .arg(directory)
        .arg(linger_seconds.to_string())
        .current_dir("/")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .map_err(tried("the server's guard can't be started"))?;
    if posted.success() {
        return Ok(());
    }
    Err(ClusterError::Program {
        program: "setsid".to_owned(),
        status: posted,
        output: String::new(),
    })
}

/// A lock file, made where there is none.
pub(crate) fn lock_file(path: &Path) -> Result<File, ClusterError> {
    File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .read(true)
        .open(path)
        .map_err(tried(format!("{} can't be opened", path.display())))
}
