//! What the country says of itself: events, workqueues, places.

use super::{Route, get, post};
use crate::api::rest::schemas::{self as schema, array_of, reference};

/// What needs no token, what it is, and of what kind. `api::country_files` serves it.
pub(in crate::api::rest) const PUBLIC: &[(&str, &str, &str)] = &[
    (
        "/desk.json",
        "What the country is called, what it looks like, and which languages it speaks",
        "Desk",
    ),
    ("/content/client", "Texts of the desk, by language", "Texts"),
    (
        "/content/login",
        "Texts of the page where people sign in, by language",
        "Texts",
    ),
    (
        "/certificates",
        "Which certificates there are",
        "Certificates",
    ),
    (
        "/certificates/{file}",
        "The drawing of a certificate, such as `birth-certificate.svg`: a template to be filled in",
        "image/svg+xml",
    ),
    (
        "/fonts/{file}",
        "A font that certificates are drawn with",
        "font/*",
    ),
];

pub(super) fn routes() -> Vec<Route> {
    let tag = "Configuration";
    vec![
        Route {
            tag,
            answer: array_of(schema::any(
                "An event configuration, as the country wrote it",
            )),
            ..get(
                "/config",
                "event.config.get",
                "The country's event configurations",
            )
        },
        Route {
            tag,
            answer: schema::any("The application's settings, as the country wrote them"),
            ..get(
                "/application",
                "application.config.get",
                "The country's settings of the application",
            )
        },
        Route {
            tag,
            answer: array_of(schema::any("A workqueue, as the country configured it")),
            ..get(
                "/workqueues",
                "workqueue.config.list",
                "The country's workqueues",
            )
        },
        Route {
            tag,
            answer: schema::counts(),
            ..post(
                "/workqueues/count",
                "workqueue.count",
                "How many records workqueues hold",
                array_of(reference("WorkqueueQuery")),
            )
        },
        Route {
            tag: "Administration",
            answer: reference("ConfigurationStatus"),
            ..get(
                "/configuration/status",
                "configuration.status",
                "Which configuration is in use, and what is wrong with one that was refused",
            )
        },
        Route {
            tag: "Administration",
            answer: reference("SystemHealth"),
            ..get(
                "/system/health",
                "system.health",
                "How database, country config and nodes are",
            )
        },
        Route {
            tag: "Places",
            answer: array_of(reference("Location")),
            query: &[
                (
                    "isActive",
                    "Only places in use (`true`) or no longer in use (`false`)",
                ),
                (
                    "locationType",
                    "Only places of this type, such as `CRVS_OFFICE`",
                ),
                (
                    "externalId",
                    "Only the place that the country knows by this id",
                ),
            ],
            ..get("/locations", "locations.list", "Offices and facilities")
        },
        Route {
            tag: "Places",
            answer: array_of(reference("AdministrativeArea")),
            query: &[(
                "isActive",
                "Only areas in use (`true`) or no longer in use (`false`)",
            )],
            ..get(
                "/administrative-areas",
                "administrativeAreas.list",
                "Provinces, districts and other areas",
            )
        },
        Route {
            tag: "Places",
            answer: schema::nothing(),
            ..post(
                "/locations",
                "locations.set",
                "Make offices and facilities, or change them",
                array_of(reference("LocationChanges")),
            )
        },
        Route {
            tag: "Places",
            answer: schema::nothing(),
            ..post(
                "/administrative-areas",
                "administrativeAreas.set",
                "Make areas, or change them",
                array_of(reference("AdministrativeAreaChanges")),
            )
        },
    ]
}
