//! Attachments: filled part by part, ended once, kept as long as something refers to them.

use bytes::Bytes;
use forms::ActionType;
use records::{ActionStatus, EventId};
use serde_json::json;

use super::{
    Scene,
    accounts::user,
    scene::{at, at_version, projection},
};
use crate::{Attachment, AttachmentBegun, AttachmentEnd, Change, Forgetting};

/// A file of eight bytes of which nothing is here yet.
pub(super) fn file(scene: &Scene, path: &str, second: i64) -> Attachment {
    Attachment {
        id: scene.id(),
        path: path.to_owned(),
        uploaded_by: "ada".to_owned(),
        file_name: "birth ñ.png".to_owned(),
        content_type: "image/png".to_owned(),
        size: 8,
        sha256: "00".repeat(32),
        received: 0,
        created_at: at(second),
        completed_at: None,
    }
}

/// Begins a file.
pub(super) async fn begun(scene: &Scene, path: &str, second: i64) -> Attachment {
    let file = file(scene, path, second);
    let begun = scene.store.begin_attachment(file.clone(), vec![], vec![]);
    assert_eq!(begun.await.unwrap(), AttachmentBegun::New);
    file
}

fn complete() -> AttachmentEnd {
    AttachmentEnd::Complete {
        content_type: "application/pdf".to_owned(),
        at: at(9),
    }
}

fn parts(texts: &[&'static str]) -> Vec<Bytes> {
    let part = |text: &&'static str| Bytes::from_static(text.as_bytes());
    texts.iter().map(part).collect()
}

async fn kept(scene: &Scene, file: &Attachment) -> Option<Attachment> {
    let by_id = scene.store.attachment(file.id).await.unwrap();
    let by_path = scene.store.attachment_at(&file.path).await.unwrap();
    assert_eq!(by_id, by_path);
    by_id
}

/// Begins a record that refers to these.
pub(super) async fn referring(scene: &Scene, paths: &[&str]) -> EventId {
    let mut new = scene.new_record(&scene.id::<uuid::Uuid>().to_string());
    new.projection.attachments = paths.iter().map(|path| (*path).to_owned()).collect();
    let id = new.document.id;
    scene.store.create_record(new).await.unwrap();
    id
}

pub async fn a_path_is_one_files(scene: &Scene) {
    let mut first = file(scene, "dir/one.png", 1);
    first.received = 8;
    first.completed_at = Some(at(2));
    let audit = vec![scene.audit_of(None, "attachments.upload")];
    let store = &scene.store;
    let begin = store.begin_attachment(first.clone(), parts(&["abc", "defgh"]), audit);
    assert_eq!(begin.await.unwrap(), AttachmentBegun::New);
    let other = Attachment {
        uploaded_by: "bob".to_owned(),
        ..file(scene, "dir/one.png", 3)
    };
    let audit = vec![scene.audit_of(None, "attachments.upload")];
    let again = store.begin_attachment(other.clone(), parts(&["x"]), audit);
    let already = AttachmentBegun::Already(Box::new(first.clone()));
    assert_eq!(again.await.unwrap(), already);
    assert_eq!(kept(scene, &first).await, Some(first.clone()));
    assert_eq!(store.attachment(other.id).await.unwrap(), None);
    let part = async |at| store.attachment_part(first.id, at).await.unwrap();
    assert_eq!(part(0).await.as_deref(), Some(&b"abc"[..]));
    assert_eq!(part(3).await.as_deref(), Some(&b"defgh"[..]));
    assert_eq!((part(1).await, part(8).await), (None, None));
    assert_eq!(store.audit(None, None, 0, 10).await.unwrap().1, 1);
}

pub async fn parts_are_added_where_the_file_has_come_to(scene: &Scene) {
    let file = begun(scene, "a.png", 1).await;
    let add = |at, texts| scene.store.add_to_attachment(file.id, at, parts(texts));
    assert_eq!(add(1, &["x"]).await.unwrap(), None);
    assert_eq!(add(0, &["ab", "c"]).await.unwrap(), Some(3));
    assert_eq!(add(0, &["ab", "c"]).await.unwrap(), None);
    let at_once = futures::join!(add(3, &["de"]), add(3, &["de"]));
    let mut received = [at_once.0.unwrap(), at_once.1.unwrap()];
    received.sort_unstable();
    assert_eq!(received, [None, Some(5)]);
    assert_eq!(kept(scene, &file).await.unwrap().received, 5);
    let nobody = scene.store.add_to_attachment(scene.id(), 0, parts(&["x"]));
    assert_eq!(nobody.await.unwrap(), None);
}

pub async fn a_file_ends_when_all_of_it_is_here(scene: &Scene) {
    let file = begun(scene, "a.png", 1).await;
    let store = &scene.store;
    let end = || {
        let audit = vec![scene.audit_of(None, "attachments.upload")];
        store.end_attachment(file.id, complete(), audit)
    };
    assert!(!end().await.unwrap());
    let all = store.add_to_attachment(file.id, 0, parts(&["abcdefgh"]));
    assert_eq!(all.await.unwrap(), Some(8));
    assert!(end().await.unwrap());
    assert!(!end().await.unwrap());
    let never = store.end_attachment(file.id, AttachmentEnd::Never, vec![]);
    assert!(!never.await.unwrap());
    let whole = kept(scene, &file).await.unwrap();
    assert_eq!(whole.content_type, "application/pdf");
    assert_eq!((whole.received, whole.completed_at), (8, Some(at(9))));
    let more = store.add_to_attachment(file.id, 8, parts(&["x"]));
    assert_eq!(more.await.unwrap(), None);
    assert_eq!(store.audit(None, None, 0, 10).await.unwrap().1, 1);
}

pub async fn a_file_that_is_wrong_begins_again_or_goes(scene: &Scene) {
    let file = begun(scene, "a.png", 1).await;
    let store = &scene.store;
    for _ in 0..2 {
        let all = store.add_to_attachment(file.id, 0, parts(&["abcd", "efgh"]));
        assert_eq!(all.await.unwrap(), Some(8));
        let again = store.end_attachment(file.id, AttachmentEnd::Again, vec![]);
        assert!(again.await.unwrap());
        assert_eq!(kept(scene, &file).await.unwrap().received, 0);
        assert_eq!(store.attachment_part(file.id, 4).await.unwrap(), None);
    }
    let all = store.add_to_attachment(file.id, 0, parts(&["abcdefgh"]));
    assert_eq!(all.await.unwrap(), Some(8));
    let never = store.end_attachment(file.id, AttachmentEnd::Never, vec![]);
    assert!(never.await.unwrap());
    assert_eq!(kept(scene, &file).await, None);
    assert_eq!(store.attachment_part(file.id, 0).await.unwrap(), None);
    begun(scene, "a.png", 2).await;
}

pub async fn records_are_found_by_the_files_they_refer_to(scene: &Scene) {
    let store = &scene.store;
    let one = referring(scene, &["a.png", "b.png"]).await;
    let other = referring(scene, &["a.png"]).await;
    let mut both = [one, other];
    both.sort_unstable();
    let with = async |path: &str, after| {
        let found = store.records_with_attachment(path, after, 10).await;
        found.unwrap()
    };
    assert_eq!(with("a.png", None).await, both);
    assert_eq!(with("a.png", Some(both[0])).await, [both[1]]);
    assert_eq!(with("b.png", None).await, [one]);
    assert_eq!(with("c.png", None).await, []);
    let first = store.records_with_attachment("a.png", None, 1).await;
    assert_eq!(first.unwrap(), [both[0]]);

    let mut after = projection(one, json!({}));
    after.attachments = ["a.png", "b.png", "c.png"].map(str::to_owned).into();
    let change = Change {
        actions: vec![scene.action(ActionType::Assign, ActionStatus::Accepted)],
        projection: Some(after.clone()),
        ..scene.change(one, 1)
    };
    assert_eq!(store.commit(change).await.unwrap(), at_version(2));
    assert_eq!(with("c.png", None).await, [one]);
    let kept = store.projection(one).await.unwrap().unwrap();
    assert_eq!(kept.attachments, after.attachments);
    assert!(store.delete_record(other, 1, vec![]).await.unwrap());
    assert_eq!(with("a.png", None).await, [one]);
}

pub async fn a_file_that_nobody_has_a_use_for_is_forgotten(scene: &Scene) {
    let store = &scene.store;
    for (path, second) in [
        ("used.png", 1),
        ("picture.png", 2),
        ("signature.png", 3),
        ("old.png", 4),
        ("older.png", 0),
        ("new.png", 10),
    ] {
        begun(scene, path, second).await;
    }
    referring(scene, &["used.png"]).await;
    let mut ada = user(scene, "ada");
    ada.avatar = Some("picture.png".to_owned());
    ada.signature = Some("signature.png".to_owned());
    store.save_user(ada, None, vec![], vec![]).await.unwrap();
    let mut odd = user(scene, "odd");
    odd.avatar = Some("a\u{0}b".to_owned());
    store.save_user(odd, None, vec![], vec![]).await.unwrap();
    let there = async |path: &str| store.attachment_at(path).await.unwrap().is_some();
    let forget = async |after, looks, most| {
        let before = at(10);
        let forgetting = Forgetting {
            before,
            after,
            looks,
            most,
        };
        let forgotten = store.forget_attachments(forgetting).await.unwrap();
        (forgotten.count, forgotten.next)
    };
    let (count, next) = forget(None, 10, 1).await;
    assert_eq!((count, next.map(|next| next.created_at)), (1, Some(at(0))));
    assert_eq!(
        (there("older.png").await, there("old.png").await),
        (false, true)
    );
    // What is in use is passed over, a few at a time.
    let (count, next) = forget(next, 2, 10).await;
    assert_eq!((count, next.map(|next| next.created_at)), (0, Some(at(2))));
    let (count, next) = forget(next, 2, 10).await;
    assert_eq!((count, next.map(|next| next.created_at)), (1, Some(at(4))));
    assert_eq!(forget(next, 2, 10).await, (0, None));
    assert_eq!(forget(None, 10, 10).await, (0, None));
    for path in ["used.png", "picture.png", "signature.png", "new.png"] {
        assert!(there(path).await, "{path}");
    }
}
