//! PostgreSQL's programs: where they are, and as whom they run.

use std::{
    fs,
    os::unix::{fs::MetadataExt as _, process::CommandExt as _},
    path::{Path, PathBuf},
    process::{Command, ExitStatus, Stdio},
};

use crate::{ClusterError, tried};

/// Where Debian's packages put each version.
const DEBIAN: &str = "/usr/lib/postgresql";

/// PostgreSQL refuses to run as root, so under root its programs run as somebody else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Account {
    pub(crate) user: u32,
    pub(crate) group: u32,
}

#[derive(Debug, Clone)]
pub(crate) struct Programs {
    directory: PathBuf,
    pub(crate) account: Option<Account>,
}

impl Programs {
    /// The newest version that is installed.
    pub(crate) fn find() -> Result<Self, ClusterError> {
        let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten();
        let newest = versions
            .filter_map(|version| {
                let number: u32 = version.file_name().to_str()?.parse().ok()?;
                let directory = version.path().join("bin");
                directory
                    .join("initdb")
                    .exists()
                    .then_some((number, directory))
            })
            .max();
        let Some((_, directory)) = newest else {
            return Err(ClusterError::Missing {
                looked_in: format!("{DEBIAN}/*/bin"),
            });
        };
        Ok(Self {
            directory,
            account: account()?,
        })
    }

    /// A program, to be run from a directory that its account may enter.
    pub(crate) fn command(&self, program: &str) -> Command {
        let mut command = Command::new(self.directory.join(program));
        command.current_dir("/").stdin(Stdio::null());
        // The developer's own settings are not the test's.
        for (name, _) in std::env::vars_os() {
            if name.to_str().is_some_and(|name| name.starts_with("PG")) {
                command.env_remove(name);
            }
        }
        if let Some(Account { user, group }) = self.account {
            command.uid(user).gid(group);
        }
        command
    }

    /// Runs a program to its end and answers what it wrote. What it starts must not keep its output
    /// open, or the end never comes: `log` takes it.
    pub(crate) fn run(&self, command: &mut Command, log: &Path) -> Result<String, ClusterError> {
        let program = command.get_program().to_string_lossy().into_owned();
        let output = command
            .output()
            .map_err(tried(format!("{program} can't be run")))?;
        if output.status.success() {
            return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
        }
        let told = String::from_utf8_lossy(&output.stderr);
        Err(self.failed(&program, output.status, &told, log))
    }

    /// What to say of a program that failed: what it wrote, and the end of the server's log.
    pub(crate) fn failed(
        &self,
        program: &str,
        status: ExitStatus,
        told: &str,
        log: &Path,
    ) -> ClusterError {
        let mut output = told.to_owned();
        if let Ok(log) = fs::read_to_string(log) {
            let lines: Vec<&str> = log.lines().collect();
            let last = lines.len().saturating_sub(10);
            output.push_str(&lines.get(last..).unwrap_or_default().join("\n"));
        }
        ClusterError::Program {
            program: program.to_owned(),
            status,
            output,
        }
    }

    /// Makes a directory that the programs own.
    pub(crate) fn give(&self, path: &Path) -> Result<(), ClusterError> {
        match self.account {
            Some(Account { user, group }) => {
                std::os::unix::fs::chown(path, Some(user), Some(group))
                    .map_err(tried(format!("{} can't be given away", path.display())))
            }
            None => Ok(()),
        }
    }
}

/// As whom to run: nobody else, unless we are root.
fn account() -> Result<Option<Account>, ClusterError> {
    let own = fs::metadata("/proc/self").map_err(tried("who we are can't be told"))?;
    if own.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd").map_err(tried("/etc/passwd can't be read"))?;
    let named = |name: &str| {
        users.lines().find_map(|line| {
            let mut fields = line.split(':');
            let found = fields.next() == Some(name);
            let (user, group) = (fields.nth(1)?.parse().ok()?, fields.next()?.parse().ok()?);
            found.then_some(Account { user, group })
        })
    };
    // The package makes the first.
    Ok(named("postgres").or_else(|| named("nobody")))
}
