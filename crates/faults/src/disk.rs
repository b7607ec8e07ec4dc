//! A small disk of its own, which can be filled up and can fail as disks do: the kernel turns it
//! read-only while files on it are open for writing.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Room for Core's file and log with some hundred records, and for little besides.
const MEGABYTES: u64 = 48;
/// What fills it up.
const FILLER: &str = "filler";

/// An ext4 file system in a file.
#[derive(Debug)]
pub struct Disk {
    image: PathBuf,
    path: PathBuf,
}

impl Disk {
    /// Whether this machine and account can make one: mounting is root's alone.
    #[must_use]
    pub fn is_possible() -> bool {
        let root = Command::new("id").arg("-u").output();
        root.is_ok_and(|id| id.stdout.trim_ascii() == b"0")
            && Path::new("/dev/loop-control").exists()
            && ["mkfs.ext4", "mount", "umount"].iter().all(|program| {
                let found = Command::new(program).arg("--version").output();
                found.is_ok()
            })
    }

    /// Makes and mounts one below this folder.
    pub fn mount(folder: &Path) -> Self {
        let disk = Self {
            image: folder.join("disk.img"),
            path: folder.join("disk"),
        };
        let image = fs::File::create(&disk.image).unwrap();
        image.set_len(MEGABYTES * 1024 * 1024).unwrap();
        // Without a reserve for root, who would not notice a full disk otherwise.
        run(Command::new("mkfs.ext4")
            .args(["-q", "-m", "0"])
            .arg(&disk.image));
        fs::create_dir(&disk.path).unwrap();
        disk.mount_again();
        disk
    }

    /// Where it is mounted.
    #[must_use]
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Fills it to the last byte.
    pub fn fill_up(&self) {
        let mut size = 0;
        let zeroes = vec![0_u8; 1024 * 1024];
        let mut filler = fs::File::create(self.path.join(FILLER)).unwrap();
        for step in [zeroes.len(), 4096, 1] {
            while let Ok(length @ 1..) = std::io::Write::write(&mut filler, &zeroes[..step]) {
                size += length;
            }
        }
        assert!(size > 0, "there was nothing to fill");
    }

    /// Makes room again, for good: a failure that comes before the file system's next commit would
    /// bring back what was removed, and the disk would be full from then on.
    pub fn make_room(&self) {
        fs::remove_file(self.path.join(FILLER)).unwrap();
        fs::File::open(&self.path).unwrap().sync_all().unwrap();
    }

    /// Fails: from now on it is read-only, whoever has files open.
    pub fn fail(&self) {
        run(Command::new("mount")
            .args(["-o", "remount,abort"])
            .arg(&self.path));
        // The first write after that is what trips over it.
        let _ = fs::write(self.path.join("trip"), "");
    }

    /// Is replaced as an operator would: unmounted (nobody may have files open) and mounted again.
    pub fn recover(&self) {
        run(Command::new("umount").arg(&self.path));
        self.mount_again();
    }

    fn mount_again(&self) {
        run(Command::new("mount")
            .args(["-o", "loop"])
            .arg(&self.image)
            .arg(&self.path));
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        // Lazily: whatever still has files open there is about to be killed.
        let _ = Command::new("umount").arg("-l").arg(&self.path).status();
    }
}

fn run(command: &mut Command) {
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{command:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}
