//! What every metric means, for whoever reads `/metrics` or a dashboard made of it.

use metrics::{Unit, describe_counter, describe_gauge, describe_histogram};

#[derive(Clone, Copy)]
enum Kind {
    Counter,
    Gauge,
    Histogram,
}
use Kind::{Counter, Gauge, Histogram};

/// Name, kind, unit, meaning. What is of the store, and not of the node that answers, is the same
/// wherever it is asked for: its text says so, and dashboards take `max()` over it.
const METRICS: [(&str, Kind, Unit, &str); 32] = [
    (
        "countersign_build_info",
        Gauge,
        Unit::Count,
        "Always 1; which version runs, and under which name the node is known.",
    ),
    (
        "countersign_http_request_seconds",
        Histogram,
        Unit::Seconds,
        "From a request's headers to the answer's, by route, method and status. tRPC's routes are \
         the operations' names; several in one request are `batch`.",
    ),
    (
        "countersign_http_requests_in_flight",
        Gauge,
        Unit::Count,
        "Requests being answered by this node.",
    ),
    (
        "countersign_stream_listeners",
        Gauge,
        Unit::Count,
        "Connections to `GET /stream` on this node.",
    ),
    (
        "countersign_call_seconds",
        Histogram,
        Unit::Seconds,
        "How long an operation took, by its name and the code it ended with (`OK` or the \
         protocol's). A request for an action waits for country config's first answer.",
    ),
    (
        "countersign_store_seconds",
        Histogram,
        Unit::Seconds,
        "How long the store took, by what was asked of it.",
    ),
    (
        "countersign_store_errors_total",
        Counter,
        Unit::Count,
        "Times the store failed, by how: `unavailable`, `unreadable`, `too-slow`, `refused`.",
    ),
    (
        "countersign_deliveries",
        Gauge,
        Unit::Count,
        "Deliveries to country config by kind and state. Of the store: the same on every node, \
         take max().",
    ),
    (
        "countersign_delivery_oldest_seconds",
        Gauge,
        Unit::Seconds,
        "Age of the oldest delivery that country config does not have, by kind and state. Of the \
         store: the same on every node, take max().",
    ),
    (
        "countersign_delivery_attempts_total",
        Counter,
        Unit::Count,
        "Attempts made by this node, by kind and outcome: `accepted`, `pending`, `rejected`, \
         `acknowledged`, or why it was none (`connect`, `timeout`, `http-status`, \
         `contract-violation`, …).",
    ),
    (
        "countersign_delivery_acknowledged_seconds",
        Histogram,
        Unit::Seconds,
        "From a delivery's beginning to country config's 2xx, by kind.",
    ),
    (
        "countersign_delivery_limit",
        Gauge,
        Unit::Count,
        "Most attempts this node makes at once at present; smaller while country config is slow \
         or has just come back.",
    ),
    (
        "countersign_deliveries_in_flight",
        Gauge,
        Unit::Count,
        "Attempts under way from this node.",
    ),
    (
        "countersign_peer_up",
        Gauge,
        Unit::Count,
        "1 while country config answers this node, 0 while it is down and only probed.",
    ),
    (
        "countersign_breaker_open",
        Gauge,
        Unit::Count,
        "1 while this node holds deliveries of a kind back because they fail one after another.",
    ),
    (
        "countersign_action_resolved_seconds",
        Histogram,
        Unit::Seconds,
        "From an action's request to the country's decision, by the record's type and the \
         action's.",
    ),
    (
        "countersign_pending_actions",
        Gauge,
        Unit::Count,
        "Actions that await the country's decision. Of the store: the same on every node, take \
         max().",
    ),
    (
        "countersign_pending_oldest_seconds",
        Gauge,
        Unit::Seconds,
        "Age of the oldest action that awaits a decision. Of the store: the same on every node, \
         take max().",
    ),
    (
        "countersign_pending_overdue",
        Gauge,
        Unit::Count,
        "Actions that await a decision for longer than the country allows itself. Of the store: \
         the same on every node, take max().",
    ),
    (
        "countersign_pending_due",
        Gauge,
        Unit::Count,
        "Actions that await a decision for so long that operators are told, overdue ones among \
         them. Of the store: the same on every node, take max().",
    ),
    (
        "countersign_pending_older",
        Gauge,
        Unit::Count,
        "Actions that await a decision for longer than `older_than`. Of the store: the same on \
         every node, take max().",
    ),
    (
        "countersign_pending_alerts_total",
        Counter,
        Unit::Count,
        "How often operators were told that an action waits long (`due`) or too long (`overdue`).",
    ),
    (
        "countersign_node_silent_seconds",
        Gauge,
        Unit::Seconds,
        "Since when a node has given no sign of life, by its name. Of the store: the same on every \
         node that lives, take max().",
    ),
    (
        "countersign_configuration_refused",
        Gauge,
        Unit::Count,
        "1 while country config serves a configuration that cannot be used; the last good one is \
         in use meanwhile.",
    ),
    (
        "countersign_totals_stale",
        Gauge,
        Unit::Count,
        "1 when the store could not be asked as this page was made: what is of the store is as it \
         was the last time.",
    ),
    (
        "process_cpu_seconds_total",
        Gauge,
        Unit::Seconds,
        "Time on a processor, of this process.",
    ),
    (
        "process_resident_memory_bytes",
        Gauge,
        Unit::Bytes,
        "Memory in use by this process.",
    ),
    (
        "process_open_fds",
        Gauge,
        Unit::Count,
        "Files and connections open in this process.",
    ),
    (
        "process_max_fds",
        Gauge,
        Unit::Count,
        "How many files and connections this process may open.",
    ),
    (
        "process_start_time_seconds",
        Gauge,
        Unit::Seconds,
        "When this process began, since 1970.",
    ),
    (
        "process_threads",
        Gauge,
        Unit::Count,
        "Threads of this process.",
    ),
    (
        "countersign_tasks",
        Gauge,
        Unit::Count,
        "Tasks alive in this process.",
    ),
];

/// Tells the recorder what everything means.
pub(super) fn describe() {
    for (name, kind, unit, meaning) in METRICS {
        match kind {
            Counter => describe_counter!(name, unit, meaning),
            Gauge => describe_gauge!(name, unit, meaning),
            Histogram => describe_histogram!(name, unit, meaning),
        }
    }
}
