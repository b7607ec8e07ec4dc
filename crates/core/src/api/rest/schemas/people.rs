//! People's accounts, and what they did.

use serde_json::Value;

use super::{
    any, array_of,
    parts::{answers, object, one_of, or_null, text, time, uuid},
};

pub(super) fn schemas() -> Vec<(&'static str, Value)> {
    let name = || {
        object(
            &["firstname", "surname"],
            &[("firstname", text("")), ("surname", text(""))],
        )
    };
    let kept = [
        ("name", name()),
        ("role", text("A role of the country's")),
        ("primaryOfficeId", uuid("The person's office")),
        (
            "mobile",
            text("As the country writes it; nobody else's. Empty for none"),
        ),
        ("email", text("Nobody else's. Empty for none")),
        ("fullHonorificName", text("Name with titles")),
        ("device", text("The device they were given")),
        ("data", answers("What else the country keeps of its people")),
    ];
    let with = |more: &[(&'static str, Value)]| [&kept[..], more].concat();
    let signature = (
        "signature",
        answers("`{path, originalFilename, type}` of an uploaded file"),
    );
    let status = one_of(
        &["pending", "active", "deactivated"],
        "Where the account stands",
    );
    let shut_or_open = one_of(&["active", "deactivated"], "Where the account stands");
    let summary = || {
        vec![
            ("type", text("`user` or `system`")),
            ("id", uuid("The account")),
            (
                "name",
                any("`{firstname, surname}`; of a system client, its name"),
            ),
            ("role", text("A role of the country's")),
            ("primaryOfficeId", uuid("Where they work")),
            ("administrativeAreaId", uuid("Where that is")),
            ("fullHonorificName", text("For certificates")),
            ("avatar", text("Path of their picture")),
        ]
    };
    let mut me = summary();
    me.extend([
        ("username", text("What they sign in with")),
        ("status", text("`pending`, `active` or `deactivated`")),
        (
            "scopes",
            array_of(text("As `type=record.declare&event=birth`")),
        ),
        (
            "jurisdiction",
            array_of(uuid("The areas that the office is in, the largest first")),
        ),
        ("signature", or_null(text("Path of their signature"))),
        ("device", or_null(text("What they were given"))),
        ("email", or_null(text("As much of it as they recognise"))),
        ("mobile", or_null(text("As much of it as they recognise"))),
    ]);
    let mut schemas = vec![
        ("UserSummary", object(&["type", "id", "name"], &summary())),
        ("Me", object(&["id", "name", "role", "scopes"], &me)),
    ];
    schemas.extend(vec![
        (
            "User",
            object(
                &["id", "name", "role", "status", "primaryOfficeId"],
                &with(&[
                    ("id", uuid("`sub` of the person's tokens")),
                    ("status", status),
                    ("administrativeAreaId", uuid("The area of their office")),
                    ("signature", text("Path of their signature")),
                    ("avatar", text("Path of their picture")),
                ]),
            ),
        ),
        (
            "NewPerson",
            object(
                &["name", "role", "primaryOfficeId"],
                &with(std::slice::from_ref(&signature)),
            ),
        ),
        (
            "PersonChanges",
            object(&[], &with(&[signature, ("status", shut_or_open)])),
        ),
        (
            "Reason",
            object(
                &["reason"],
                &[
                    ("reason", text("Kept in the audit trail")),
                    ("comment", text("Kept with it")),
                ],
            ),
        ),
        (
            "AccountSetUp",
            object(
                &["password", "securityQNAs"],
                &[
                    ("password", text("Of your own choice")),
                    (
                        "securityQNAs",
                        array_of(object(
                            &["questionKey", "answer"],
                            &[
                                ("questionKey", text("Such as `BIRTH_TOWN`")),
                                ("answer", text("Asked for when the password is forgotten")),
                            ],
                        )),
                    ),
                ],
            ),
        ),
        (
            "PasswordChange",
            object(
                &["existingPassword", "password"],
                &[
                    ("existingPassword", text("Proves that it is you")),
                    ("password", text("The new one")),
                ],
            ),
        ),
        (
            "Announcement",
            object(
                &["subject", "body", "locale"],
                &[
                    ("subject", text("Of the mail")),
                    ("body", text("Of the mail")),
                    ("locale", text("Its language")),
                ],
            ),
        ),
        (
            "ActionDone",
            object(
                &[
                    "id",
                    "eventId",
                    "trackingId",
                    "actionType",
                    "status",
                    "createdAt",
                ],
                &[
                    ("id", uuid("Of the action")),
                    ("eventId", uuid("The record")),
                    ("eventType", text("The record's")),
                    ("trackingId", text("The record's")),
                    ("actionType", text("Such as `REGISTER`")),
                    ("customActionType", or_null(text("Which custom action"))),
                    ("status", text("`Requested`, `Accepted` or `Rejected`")),
                    ("createdAt", time("When")),
                ],
            ),
        ),
        (
            "AuditEntry",
            object(
                &["id", "clientId", "operation", "createdAt"],
                &[
                    ("id", uuid("Of the entry")),
                    ("clientId", text("Who did it")),
                    ("clientType", one_of(&["user", "system"], "What they are")),
                    ("operation", text("Such as `user.password_changed`")),
                    ("requestData", answers("To whom, and why")),
                    ("responseSummary", or_null(answers("What came of it"))),
                    ("createdAt", time("When")),
                ],
            ),
        ),
    ]);
    schemas
}
