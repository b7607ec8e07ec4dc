//! People, system clients, and what signing in needs.

use futures::future::join_all;
use uuid::Uuid;

use super::{Scene, scene::at};
use crate::{
    AccountStatus, Challenge, ChallengePurpose, ClientSecret, ClientStatus, Credentials,
    DeliveryFilter, PersonName, SigningKey, StoreError, SystemClient, User, UserChange, UserFilter,
};

pub(super) fn user(scene: &Scene, username: &str) -> User {
    User {
        id: scene.id(),
        username: username.to_owned(),
        name: PersonName {
            firstname: "Ada".to_owned(),
            surname: "Núñez".to_owned(),
        },
        full_honorific_name: None,
        role: "REGISTRAR".to_owned(),
        status: AccountStatus::Active,
        primary_office_id: scene.id(),
        mobile: None,
        email: None,
        signature: None,
        avatar: None,
        device: None,
        data: serde_json::Map::new(),
    }
}

pub(super) fn credentials(hash: &str) -> Credentials {
    Credentials {
        password_hash: hash.to_owned(),
        security_answers: vec![],
        tokens_valid_from: None,
        temporary: false,
    }
}

pub async fn usernames_are_compared_without_case(scene: &Scene) {
    let ada = user(scene, "Ada.Núñez");
    scene
        .store
        .save_user(ada.clone(), Some(credentials("hash")), vec![], vec![])
        .await
        .unwrap();
    for name in ["Ada.Núñez", "ada.núñez", "ADA.NÚÑEZ"] {
        let found = scene.store.user_to_sign_in(name).await.unwrap();
        assert_eq!(found, Some((ada.clone(), Some(credentials("hash")))));
    }
    assert_eq!(
        scene.store.user_to_sign_in("ada.nunez").await.unwrap(),
        None
    );
    assert_eq!(scene.store.user(ada.id).await.unwrap(), Some(ada));
    assert_eq!(scene.store.user(scene.id()).await.unwrap(), None);
}

pub async fn a_username_is_taken_once(scene: &Scene) {
    let mut ada = user(scene, "ada");
    let welcome = scene.code("welcome", 1, None);
    scene
        .store
        .save_user(ada.clone(), None, vec![welcome.clone()], vec![])
        .await
        .unwrap();
    let other = user(scene, "ADA");
    let audit = vec![scene.audit_of(None, "user.create")];
    let taken = scene
        .store
        .save_user(
            other.clone(),
            Some(credentials("h")),
            vec![scene.code("welcome", 1, None)],
            audit,
        )
        .await;
    assert!(
        matches!(&taken, Err(StoreError::UsernameTaken(name)) if name == "ADA"),
        "{taken:?}"
    );
    assert_eq!(scene.store.user(other.id).await.unwrap(), None);
    assert_eq!(scene.store.credentials(other.id).await.unwrap(), None);
    assert_eq!(scene.store.audit(None, None, 0, 10).await.unwrap().1, 0);
    // What tells of an account is kept with it, or not at all.
    let told = scene
        .store
        .deliveries(&DeliveryFilter::default(), None, 10)
        .await
        .unwrap();
    assert_eq!(
        told.deliveries
            .iter()
            .map(|told| &told.new)
            .collect::<Vec<_>>(),
        [&welcome]
    );
    // Its owner may write it otherwise, or give it up.
    for name in ["Ada", "lovelace"] {
        ada.username = name.to_owned();
        scene
            .store
            .save_user(ada.clone(), None, vec![], vec![])
            .await
            .unwrap();
    }
    scene
        .store
        .save_user(other, None, vec![], vec![])
        .await
        .unwrap();
}

pub async fn an_account_that_was_changed_meanwhile_is_not_changed_back(scene: &Scene) {
    let store = &scene.store;
    let as_read = user(scene, "ada");
    let proof = credentials("one");
    store
        .save_user(as_read.clone(), Some(proof.clone()), vec![], vec![])
        .await
        .unwrap();
    let mut changed = as_read.clone();
    changed.status = AccountStatus::Deactivated;
    let change = |as_read: &User, proof: &Credentials, to: &str| UserChange {
        as_read: as_read.clone(),
        changed: changed.clone(),
        credentials: Some((Some(proof.clone()), credentials(to))),
        deliveries: vec![],
        audit: vec![scene.audit_of(None, "user.edit_user")],
    };
    // Somebody else has given them another password, or another role.
    let stale = change(&as_read, &credentials("zero"), "two");
    assert!(!store.update_user(stale).await.unwrap());
    let mut other = as_read.clone();
    other.role = "CLERK".to_owned();
    assert!(
        !store
            .update_user(change(&other, &proof, "two"))
            .await
            .unwrap()
    );
    assert_eq!(store.user(as_read.id).await.unwrap(), Some(as_read.clone()));
    assert_eq!(store.audit(None, None, 0, 10).await.unwrap().1, 0);

    let fresh = change(&as_read, &proof, "two");
    assert!(store.update_user(fresh.clone()).await.unwrap());
    assert!(!store.update_user(fresh).await.unwrap());
    assert_eq!(
        store.token_holder("token", as_read.id).await.unwrap(),
        Some((changed.clone(), None))
    );
    assert_eq!(
        store.credentials(as_read.id).await.unwrap(),
        Some(credentials("two"))
    );
    assert_eq!(store.audit(None, None, 0, 10).await.unwrap().1, 1);
}

pub async fn a_mobile_and_a_mail_address_belong_to_one_account(scene: &Scene) {
    let mut ada = user(scene, "ada");
    ada.mobile = Some("0700".to_owned());
    ada.email = Some("Ada@example.org".to_owned());
    let save = async |user: &User| {
        scene
            .store
            .save_user(user.clone(), None, vec![], vec![])
            .await
    };
    save(&ada).await.unwrap();
    let mut bob = user(scene, "bob");
    bob.mobile.clone_from(&ada.mobile);
    let taken = save(&bob).await;
    assert!(matches!(taken, Err(StoreError::MobileTaken)), "{taken:?}");
    bob.mobile = None;
    bob.email = Some("ADA@example.org".to_owned());
    let taken = save(&bob).await;
    assert!(matches!(taken, Err(StoreError::EmailTaken)), "{taken:?}");
    assert_eq!(scene.store.user(bob.id).await.unwrap(), None);
    let by_mail = UserFilter {
        email: Some("ada@Example.org".to_owned()),
        ..UserFilter::default()
    };
    let found = scene.store.users(&by_mail, 0, 10).await.unwrap();
    assert_eq!(found, (vec![ada.clone()], 1));
    // Its owner may keep it, or give it up; and many have none.
    save(&ada).await.unwrap();
    ada.email = None;
    save(&ada).await.unwrap();
    save(&bob).await.unwrap();
    save(&user(scene, "eve")).await.unwrap();
}

pub async fn credentials_stay_unless_new_ones_are_given(scene: &Scene) {
    let mut ada = user(scene, "ada");
    scene
        .store
        .save_user(ada.clone(), None, vec![], vec![])
        .await
        .unwrap();
    let found = scene.store.user_to_sign_in("ada").await.unwrap();
    assert_eq!(found, Some((ada.clone(), None)));
    scene
        .store
        .save_user(ada.clone(), Some(credentials("one")), vec![], vec![])
        .await
        .unwrap();
    ada.role = "LEADER".to_owned();
    scene
        .store
        .save_user(ada.clone(), None, vec![], vec![])
        .await
        .unwrap();
    assert_eq!(
        scene.store.credentials(ada.id).await.unwrap(),
        Some(credentials("one"))
    );
    scene
        .store
        .save_user(ada.clone(), Some(credentials("two")), vec![], vec![])
        .await
        .unwrap();
    assert_eq!(
        scene.store.credentials(ada.id).await.unwrap(),
        Some(credentials("two"))
    );
    assert_eq!(scene.store.user(ada.id).await.unwrap(), Some(ada));
}

pub async fn sessions_end_with_the_credentials_that_say_so(scene: &Scene) {
    let ada = user(scene, "ada");
    let holder = async || scene.store.token_holder("token", ada.id).await.unwrap();
    assert_eq!(holder().await, None);
    let save = async |credentials| {
        let saved = scene
            .store
            .save_user(ada.clone(), credentials, vec![], vec![]);
        saved.await.unwrap();
    };
    save(None).await;
    assert_eq!(holder().await, Some((ada.clone(), None)));
    let ended = Credentials {
        tokens_valid_from: Some(at(7)),
        ..credentials("hash")
    };
    save(Some(ended)).await;
    assert_eq!(holder().await, Some((ada.clone(), Some(at(7)))));
    // What else changes of the account revives none of them.
    save(None).await;
    assert_eq!(holder().await, Some((ada.clone(), Some(at(7)))));
    // One token is revoked, and no other.
    let far = at(1_000_000_000);
    scene.store.revoke_token("another", far).await.unwrap();
    assert_eq!(holder().await, Some((ada.clone(), Some(at(7)))));
    scene.store.revoke_token("token", far).await.unwrap();
    assert_eq!(holder().await, None);
}

pub async fn users_are_filtered_and_paged(scene: &Scene) {
    let mut ada = user(scene, "ada");
    ada.email = Some("ada@example.org".to_owned());
    ada.mobile = Some("0700".to_owned());
    let mut bob = user(scene, "Bob");
    bob.status = AccountStatus::Deactivated;
    let mut eve = user(scene, "eve");
    eve.role = "LEADER".to_owned();
    for user in [&eve, &bob, &ada] {
        scene
            .store
            .save_user(user.clone(), None, vec![], vec![])
            .await
            .unwrap();
    }
    let some = |text: &str| Some(text.to_owned());
    let any = UserFilter::default;
    for (filter, expected) in [
        (any(), vec![&ada, &bob, &eve]),
        (
            UserFilter {
                ids: Some(vec![eve.id, ada.id]),
                ..any()
            },
            vec![&ada, &eve],
        ),
        (
            UserFilter {
                ids: Some(vec![]),
                ..any()
            },
            vec![],
        ),
        (
            UserFilter {
                username: some("BOB"),
                ..any()
            },
            vec![&bob],
        ),
        (
            UserFilter {
                mobile: some("0700"),
                ..any()
            },
            vec![&ada],
        ),
        (
            UserFilter {
                email: some("ada@example.org"),
                ..any()
            },
            vec![&ada],
        ),
        (
            UserFilter {
                role: some("LEADER"),
                ..any()
            },
            vec![&eve],
        ),
        (
            UserFilter {
                office_id: Some(bob.primary_office_id),
                ..any()
            },
            vec![&bob],
        ),
        (
            UserFilter {
                status: Some(AccountStatus::Active),
                ..any()
            },
            vec![&ada, &eve],
        ),
        (
            UserFilter {
                mobile: some("0700"),
                email: some("x"),
                ..any()
            },
            vec![],
        ),
    ] {
        let (users, total) = scene.store.users(&filter, 0, 10).await.unwrap();
        assert_eq!(users.iter().collect::<Vec<_>>(), expected, "{filter:?}");
        assert_eq!(total, expected.len() as u64);
    }
    let page = scene.store.users(&any(), 1, 1).await.unwrap();
    assert_eq!(page, (vec![bob], 3));
}

pub(super) fn challenge(scene: &Scene, expires: i64) -> Challenge {
    Challenge {
        nonce: "nonce".to_owned(),
        user_id: scene.id(),
        purpose: ChallengePurpose::SignIn,
        code_hash: "hash".to_owned(),
        failures: 0,
        stage: "code".to_owned(),
        expires_at: at(expires),
    }
}

pub async fn a_challenge_is_taken_once(scene: &Scene) {
    scene
        .store
        .save_challenge(challenge(scene, 60), at(0))
        .await
        .unwrap();
    let taken = join_all((0..8).map(|_| scene.store.take_challenge("nonce"))).await;
    assert_eq!(
        taken
            .into_iter()
            .filter(|taken| *taken.as_ref().unwrap())
            .count(),
        1
    );
    assert_eq!(scene.store.challenge("nonce").await.unwrap(), None);
    assert!(!scene.store.take_challenge("unheard of").await.unwrap());
}

pub async fn a_challenge_is_replaced_by_its_nonce(scene: &Scene) {
    let mut first = challenge(scene, 60);
    scene
        .store
        .save_challenge(first.clone(), at(0))
        .await
        .unwrap();
    assert_eq!(
        scene.store.challenge("nonce").await.unwrap().as_ref(),
        Some(&first)
    );
    (first.failures, first.purpose) = (3, ChallengePurpose::Recovery);
    first.stage = "questions".to_owned();
    scene
        .store
        .save_challenge(first.clone(), at(1))
        .await
        .unwrap();
    assert_eq!(
        scene.store.challenge("nonce").await.unwrap().as_ref(),
        Some(&first)
    );
}

pub(super) fn client(scene: &Scene, name: &str, created: i64) -> SystemClient {
    SystemClient {
        id: scene.id(),
        name: name.to_owned(),
        scopes: vec!["type=record.read".to_owned()],
        secrets: vec![
            ClientSecret {
                hash: "old".to_owned(),
                expires_at: Some(at(90)),
            },
            ClientSecret {
                hash: "new".to_owned(),
                expires_at: None,
            },
        ],
        sha_secret: "sha".to_owned(),
        status: ClientStatus::Active,
        created_by: "ada".to_owned(),
        created_at: at(created),
        last_used_at: None,
    }
}

pub async fn a_system_client_that_was_changed_meanwhile_is_not_changed_back(scene: &Scene) {
    let first = client(scene, "first", 1);
    let save = scene.store.save_system_client(first.clone(), vec![]);
    save.await.unwrap();
    scene
        .store
        .touch_system_client(first.id, at(5))
        .await
        .unwrap();
    let update = async |changed: &SystemClient| {
        let audit = vec![scene.audit_of(None, "integrations.update")];
        let (as_read, changed) = (first.clone(), changed.clone());
        let update = scene.store.update_system_client(as_read, changed, audit);
        update.await.unwrap()
    };
    let shut = SystemClient {
        status: ClientStatus::Deactivated,
        ..first.clone()
    };
    let renamed = SystemClient {
        name: "renamed".to_owned(),
        ..first.clone()
    };
    // That it was used in between is no change, and is not forgotten.
    assert!(update(&shut).await);
    assert!(!update(&renamed).await);
    let kept = scene.store.system_client(first.id).await.unwrap().unwrap();
    let expected = SystemClient {
        last_used_at: Some(at(5)),
        ..shut
    };
    assert_eq!(kept, expected);
    assert_eq!(scene.store.audit(None, None, 0, 10).await.unwrap().1, 1);
    let gone = client(scene, "gone", 1);
    let update = scene
        .store
        .update_system_client(gone.clone(), gone.clone(), vec![]);
    assert!(!update.await.unwrap());
    assert_eq!(scene.store.system_client(gone.id).await.unwrap(), None);
}

pub async fn system_clients_are_kept(scene: &Scene) {
    let (mut old, new) = (client(scene, "old", 1), client(scene, "new", 2));
    for client in [&new, &old] {
        scene
            .store
            .save_system_client(client.clone(), vec![])
            .await
            .unwrap();
    }
    old.status = ClientStatus::Deactivated;
    let audit = vec![scene.audit_of(None, "integrations.deactivate")];
    scene
        .store
        .save_system_client(old.clone(), audit)
        .await
        .unwrap();
    scene
        .store
        .touch_system_client(old.id, at(5))
        .await
        .unwrap();
    old.last_used_at = Some(at(5));
    assert_eq!(
        scene.store.system_client(old.id).await.unwrap(),
        Some(old.clone())
    );
    assert_eq!(
        scene.store.system_clients().await.unwrap(),
        [new.clone(), old.clone()]
    );
    assert!(
        scene
            .store
            .delete_system_client(old.id, vec![])
            .await
            .unwrap()
    );
    assert!(
        !scene
            .store
            .delete_system_client(old.id, vec![])
            .await
            .unwrap()
    );
    scene
        .store
        .touch_system_client(old.id, at(6))
        .await
        .unwrap();
    assert_eq!(scene.store.system_clients().await.unwrap(), [new]);
    assert_eq!(scene.store.audit(None, None, 0, 10).await.unwrap().1, 1);
}

pub async fn nodes_that_start_together_agree_on_a_key(scene: &Scene) {
    let key = |second| {
        let id: Uuid = scene.id();
        SigningKey {
            id: id.to_string(),
            private_pem: "pem".to_owned(),
            created_at: at(second),
        }
    };
    let first = join_all((0..4).map(|_| scene.store.add_signing_key(key(1), None))).await;
    let agreed = scene.store.signing_keys().await.unwrap();
    assert_eq!(agreed.len(), 1);
    assert!(first.into_iter().all(|keys| keys.unwrap() == agreed));
    // Rotation: all saw the same newest key, and one of them replaces it.
    let newest = Some(at(1));
    let rotated = join_all((0..4).map(|_| scene.store.add_signing_key(key(9), newest))).await;
    let agreed = scene.store.signing_keys().await.unwrap();
    assert_eq!(
        agreed.iter().map(|key| key.created_at).collect::<Vec<_>>(),
        [at(9), at(1)]
    );
    assert!(rotated.into_iter().all(|keys| keys.unwrap() == agreed));
}

pub async fn a_revoked_token_stays_revoked(scene: &Scene) {
    assert!(!scene.store.token_revoked("token").await.unwrap());
    // The store may forget a token that has run out by the clock of the day: take a far one.
    let far = at(1_000_000_000);
    for _ in 0..2 {
        scene.store.revoke_token("token", far).await.unwrap();
    }
    assert!(scene.store.token_revoked("token").await.unwrap());
    assert!(!scene.store.token_revoked("another").await.unwrap());
}
