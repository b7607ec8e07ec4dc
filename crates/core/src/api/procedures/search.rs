//! Searching records, and counting queues.

use serde_json::{Map, Value, json};
use storage::RecordQuery;

use crate::{
    Core,
    api::procedure::{Call, Callers, Procedure, procedure},
    error::{ApiError, ErrorCode},
    search::{Query, QueryError, SearchRequest, Searcher, visible_index},
};

/// The most queues that are counted at a time; a country has a few dozen.
const MOST_QUEUES: usize = 200;

/// The operations.
pub(super) static PROCEDURES: &[Procedure] = &[
    procedure!("event.search", Query, Callers::PeopleAndSystems, search),
    procedure!("workqueue.count", Query, Callers::People, count),
];

/// A page of the records that a query finds, of those the caller may find, and how many there are
/// in all.
async fn search(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let searcher = Searcher::new(&core, caller)?;
    let request = SearchRequest::read(&call.input)?;
    let filter = searcher
        .filter(&request.query)
        .map_err(|error| invalid(error.under("query")))?;
    searcher
        .check_order(&request.sort)
        .map_err(|error| invalid(error.under("sort")))?;
    let query = RecordQuery {
        filter,
        sort: request.sort,
        offset: request.offset,
        limit: request.limit,
    };
    let page = core.store.find_records(&query).await?;
    let results: Vec<Value> = page
        .records
        .into_iter()
        .map(|index| visible_index(index, searcher.configuration()))
        .collect();
    let ids: Vec<&Value> = results
        .iter()
        .filter_map(|record| record.get("id"))
        .collect();
    let details = json!({"total": page.total, "eventIds": ids});
    let read = core.audit_entry(caller, "event.search", None, details);
    core.reads.note(read).await;
    Ok(json!({"results": results, "total": page.total}))
}

/// How many records each queue holds for the caller, by slug: exactly as many as a search with the
/// queue's query finds.
///
/// Clients of the protocol send each queue's query along, with what it says of the caller filled
/// in. A query that is left out is the one the country configured.
async fn count(core: Core, call: Call) -> Result<Value, ApiError> {
    let caller = call.caller()?;
    let searcher = Searcher::new(&core, caller)?;
    let list = call
        .input
        .as_array()
        .ok_or_else(|| invalid(QueryError::new("must be a list of {slug, query}")))?;
    if list.len() > MOST_QUEUES {
        let message = format!("must be at most {MOST_QUEUES} queues");
        return Err(invalid(QueryError::new(message)));
    }
    let theirs = caller.scopes.workqueue_ids();
    let mut slugs = Vec::with_capacity(list.len());
    let mut queries = Vec::with_capacity(list.len());
    for (at, queue) in list.iter().enumerate() {
        let refused = |error: QueryError| invalid(error.under(at));
        let slug = queue.get("slug").and_then(Value::as_str);
        let slug = slug.ok_or_else(|| refused(QueryError::new("must be text").under("slug")))?;
        if !theirs.contains(slug) {
            return Err(ApiError::plain(ErrorCode::Forbidden));
        }
        let query = match queue.get("query") {
            Some(written) => Query::read(written),
            None => match searcher.configuration().workqueue(slug) {
                Some(queue) => Ok(queue.query.clone()),
                None => Err(QueryError::new("is missing")),
            },
        };
        let filter = query
            .and_then(|query| searcher.filter(&query))
            .map_err(|error| refused(error.under("query")))?;
        slugs.push(slug.to_owned());
        queries.push(RecordQuery {
            filter,
            sort: Vec::new(),
            offset: 0,
            limit: 0,
        });
    }
    let counts = core.store.count_records(&queries).await?;
    let counts: Map<String, Value> = slugs
        .into_iter()
        .zip(counts.into_iter().map(Value::from))
        .collect();
    Ok(Value::Object(counts))
}

fn invalid(error: QueryError) -> ApiError {
    error.into()
}
