//! Encryption of tokens at rest: AES-256-GCM, bound to the action a token is for.

use std::{
    fs::{self, OpenOptions},
    io::{self, Write},
    path::{Path, PathBuf},
};

use aws_lc_rs::aead::{AES_256_GCM, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use world::World;

use super::{PendingKey, StoreError};
use crate::settings::Secret;

/// Encrypts and decrypts tokens.
pub(super) struct Seal(Option<LessSafeKey>);

impl Seal {
    pub(super) fn new(key: &[u8; 32]) -> Self {
        // 32 bytes always make an AES-256 key; if the library ever disagreed, sealing would fail
        // below with an error instead of writing a token in the clear.
        Self(
            UnboundKey::new(&AES_256_GCM, key)
                .ok()
                .map(LessSafeKey::new),
        )
    }

    /// The nonce, then the encrypted token and its tag.
    pub(super) fn close(
        &self,
        key: &PendingKey,
        token: &Secret,
        world: &World,
    ) -> Result<Vec<u8>, StoreError> {
        let cipher = self.0.as_ref().ok_or(StoreError::Sealed)?;
        let mut nonce = [0; NONCE_LEN];
        world.fill(&mut nonce);
        let mut text = token.reveal().as_bytes().to_vec();
        cipher
            .seal_in_place_append_tag(
                Nonce::assume_unique_for_key(nonce),
                Aad::from(bound_to(key)),
                &mut text,
            )
            .map_err(|_| StoreError::Sealed)?;
        let mut sealed = nonce.to_vec();
        sealed.append(&mut text);
        Ok(sealed)
    }

    pub(super) fn open(&self, key: &PendingKey, sealed: &[u8]) -> Result<Secret, StoreError> {
        let cipher = self.0.as_ref().ok_or(StoreError::Sealed)?;
        let (nonce, text) = sealed
            .split_at_checked(NONCE_LEN)
            .ok_or(StoreError::Sealed)?;
        let nonce = Nonce::try_assume_unique_for_key(nonce).map_err(|_| StoreError::Sealed)?;
        let mut text = text.to_vec();
        let plain = cipher
            .open_in_place(nonce, Aad::from(bound_to(key)), &mut text)
            .map_err(|_| StoreError::Sealed)?;
        let plain = String::from_utf8(plain.to_vec()).map_err(|_| StoreError::Sealed)?;
        Ok(Secret::new(plain))
    }
}

/// A row copied over another one must not open.
fn bound_to(key: &PendingKey) -> Vec<u8> {
    format!("{}/{}", key.event, key.action).into_bytes()
}

/// The key in `<database>.key`, made on first use.
pub(super) fn key_beside(database: &Path, world: &World) -> Result<[u8; 32], StoreError> {
    let mut name = database.as_os_str().to_owned();
    name.push(".key");
    let path = PathBuf::from(name);
    read_or_create(&path, world).map_err(|source| StoreError::KeyFile { path, source })
}

fn read_or_create(path: &Path, world: &World) -> io::Result<[u8; 32]> {
    match fs::read_to_string(path) {
        Ok(text) => parse(&text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            let mut key = [0; 32];
            world.fill(&mut key);
            write_key(path, &key)?;
            Ok(key)
        }
        Err(error) => Err(error),
    }
}

fn parse(text: &str) -> io::Result<[u8; 32]> {
    let mut key = [0; 32];
    hex::decode_to_slice(text.trim(), &mut key).map_err(|error| {
        let reason = format!("a key is 64 hexadecimal digits: {error}");
        io::Error::new(io::ErrorKind::InvalidData, reason)
    })?;
    Ok(key)
}

/// Writes beside and renames, so that a crash never leaves half a key.
fn write_key(path: &Path, key: &[u8; 32]) -> io::Result<()> {
    let draft = path.with_extension("key.new");
    match fs::remove_file(&draft) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(&draft)?;
    file.write_all(hex::encode(key).as_bytes())?;
    file.sync_all()?;
    fs::rename(&draft, path)?;
    // The name must be as durable as the rows that need the key.
    #[cfg(unix)]
    if let Some(folder) = path.parent().filter(|it| !it.as_os_str().is_empty()) {
        fs::File::open(folder)?.sync_all()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    fn key(action: u128) -> PendingKey {
        PendingKey {
            event: Uuid::from_u128(1).into(),
            action: Uuid::from_u128(action).into(),
        }
    }

    #[test]
    fn a_token_opens_only_for_the_action_it_was_sealed_for() {
        let (seal, world) = (Seal::new(&[7; 32]), World::real());
        let sealed = seal
            .close(&key(2), &Secret::new("ey.token"), &world)
            .unwrap();
        assert_eq!(seal.open(&key(2), &sealed).unwrap().reveal(), "ey.token");
        assert!(matches!(
            seal.open(&key(3), &sealed),
            Err(StoreError::Sealed)
        ));
        assert!(matches!(
            Seal::new(&[8; 32]).open(&key(2), &sealed),
            Err(StoreError::Sealed)
        ));
        assert!(matches!(
            seal.open(&key(2), b"short"),
            Err(StoreError::Sealed)
        ));
    }

    #[test]
    fn the_key_file_is_the_owners_alone_and_stays_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let database = folder.path().join("country.db");
        let first = key_beside(&database, &World::real()).unwrap();
        assert_eq!(key_beside(&database, &World::real()).unwrap(), first);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(folder.path().join("country.db.key"))
                .unwrap()
                .permissions();
            assert_eq!(mode.mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn a_damaged_key_file_is_named_rather_than_replaced() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("country.db.key"), "abc").unwrap();
        let refused = key_beside(&folder.path().join("country.db"), &World::real());
        assert!(matches!(refused, Err(StoreError::KeyFile { .. })));
    }
}
