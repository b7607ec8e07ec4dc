//! What the country says of itself: events, workqueues, places.

use super::{Route, get, post};
use crate::api::rest::schemas::{self as schema, array_of, reference};

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
    ]
}
