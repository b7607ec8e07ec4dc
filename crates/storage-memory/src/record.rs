//! Records: how a decision is written, and how a record is read.

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

use async_trait::async_trait;
use jiff::Timestamp;
use records::{Action, ActionStatus, ActionType, DuplicateLookup, EventId};
use storage::{
    AuditEntry, Candidates, Change, Committed, Created, LookedFor, NewRecord, Projection,
    RecordPage, RecordQuery, RecordStore, SearchText, StoreError, StoredEvent, words,
};

use crate::{
    MemoryStore, Verdict, counted, delivery, query, refused,
    tables::{Record, Tables},
};

#[async_trait]
impl RecordStore for MemoryStore {
    async fn create_record(&self, record: NewRecord) -> Result<Created, StoreError> {
        self.write(|tables| create(tables, record)).await
    }

    async fn record(&self, id: EventId) -> Result<Option<StoredEvent>, StoreError> {
        self.read(|tables| tables.records.get(&id).map(|record| record.stored()))
            .await
    }

    async fn commit(&self, change: Change) -> Result<Committed, StoreError> {
        let now = self.world.now();
        self.write(|tables| commit(tables, change, now)).await
    }

    async fn transaction(&self, id: &str) -> Result<Vec<(EventId, Action)>, StoreError> {
        self.read(|tables| {
            let mut found = BTreeMap::new();
            for (event, record) in tables.records.iter() {
                for (position, action) in &record.actions {
                    if action.transaction_id == id {
                        found.insert(*position, (*event, Action::clone(action)));
                    }
                }
            }
            found.into_values().collect()
        })
        .await
    }

    async fn delete_record(
        &self,
        id: EventId,
        expected_version: u64,
        audit: Vec<AuditEntry>,
    ) -> Result<bool, StoreError> {
        self.write(|tables| {
            match tables.records.get(&id) {
                Some(record) if record.version == expected_version => may_go(tables, record)?,
                _ => return Ok(Verdict::Undo(false)),
            }
            let gone = Arc::make_mut(&mut tables.records).remove(&id);
            let homes = Arc::make_mut(&mut tables.action_homes);
            for (_, action) in gone.iter().flat_map(|record| &record.actions) {
                homes.remove(&action.id);
            }
            Arc::make_mut(&mut tables.drafts).retain(|(event, _), _| *event != id);
            delivery::forget_of(tables, id);
            tables.append_audit(&audit)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }

    async fn find_records(&self, query: &RecordQuery) -> Result<RecordPage, StoreError> {
        self.read(|tables| {
            let found = query::found(tables, query);
            let total = counted(found.len());
            let records = crate::page(found, query.offset, query.limit);
            RecordPage {
                records: records
                    .into_iter()
                    .map(|found| found.index.clone())
                    .collect(),
                total,
            }
        })
        .await
    }

    async fn duplicate_candidates(
        &self,
        of: EventId,
        lookups: &BTreeSet<DuplicateLookup>,
        limit: usize,
    ) -> Result<Candidates, StoreError> {
        self.read(|tables| {
            let mut found = projections(tables)
                .filter(|(id, projection)| *id != of && is_found(projection, lookups))
                .map(|(_, projection)| projection.index.clone());
            let records = found.by_ref().take(limit).collect();
            Candidates {
                records,
                all: found.next().is_none(),
                as_of: tables.last_position,
            }
        })
        .await
    }

    async fn count_records(&self, queries: &[RecordQuery]) -> Result<Vec<u64>, StoreError> {
        self.read(|tables| {
            let count = |query| counted(query::found(tables, query).len());
            queries.iter().map(count).collect()
        })
        .await
    }

    async fn record_ids(
        &self,
        after: Option<EventId>,
        limit: usize,
    ) -> Result<Vec<EventId>, StoreError> {
        self.read(|tables| {
            let ids = tables.records.keys().copied();
            ids.filter(|id| after.is_none_or(|after| *id > after))
                .take(limit)
                .collect()
        })
        .await
    }

    async fn projection(&self, id: EventId) -> Result<Option<Projection>, StoreError> {
        self.read(|tables| {
            let projection = tables.records.get(&id)?.projection.as_ref()?;
            Some(Projection {
                texts: spelt_out(projection),
                ..Projection::clone(projection)
            })
        })
        .await
    }

    async fn rebuild_projection(
        &self,
        id: EventId,
        expected_version: u64,
        projection: Projection,
    ) -> Result<bool, StoreError> {
        self.write(|tables| {
            let version = tables.records.get(&id).map(|record| record.version);
            if version != Some(expected_version) {
                return Ok(Verdict::Undo(false));
            }
            project(tables, id, projection)?;
            Ok(Verdict::Keep(true))
        })
        .await
    }
}

fn create(tables: &mut Tables, new: NewRecord) -> Result<Verdict<Created>, StoreError> {
    let NewRecord {
        mut document,
        transaction_id,
        projection,
        deliveries,
        audit,
    } = new;
    let before = tables.records.values().find(|record| {
        record.transaction_id == transaction_id && record.head.event_type == document.event_type
    });
    if let Some(before) = before {
        return Ok(Verdict::Undo(Created::Already(Box::new(before.stored()))));
    }
    let taken = |record: &Arc<Record>| record.head.tracking_id == document.tracking_id;
    if tables.records.values().any(taken) {
        return Err(StoreError::TrackingIdTaken);
    }
    let id = document.id;
    let actions = std::mem::take(&mut document.actions);
    let record = Record {
        head: document,
        transaction_id,
        version: 1,
        actions: vec![],
        projection: None,
    };
    let before = Arc::make_mut(&mut tables.records).insert(id, Arc::new(record));
    if before.is_some() {
        return Err(refused("there is a record with this id"));
    }
    append(tables, id, actions)?;
    project(tables, id, projection)?;
    for delivery in deliveries {
        delivery::begin(tables, delivery)?;
    }
    tables.append_audit(&audit)?;
    Ok(Verdict::Keep(Created::New))
}

fn commit(
    tables: &mut Tables,
    change: Change,
    now: Timestamp,
) -> Result<Verdict<Committed>, StoreError> {
    let id = change.event_id;
    let version = tables.records.get(&id).map(|record| record.version);
    if version != Some(change.expected_version) {
        return Ok(Verdict::Undo(Committed::Stale));
    }
    if let Some(attempt) = &change.attempt
        && !delivery::finish(tables, attempt)
    {
        return Ok(Verdict::Undo(Committed::ClaimLost));
    }
    if let Some(looked_for) = &change.looked_for
        && has_company(tables, id, looked_for)
    {
        return Ok(Verdict::Undo(Committed::Stale));
    }
    if change.ends_drafts() && !tables.drafts.is_empty() {
        Arc::make_mut(&mut tables.drafts).retain(|(event, _), _| *event != id);
    }
    let updated_at = change.actions.last().map(|last| last.created_at.clone());
    append(tables, id, change.actions)?;
    if let Some(projection) = change.projection {
        project(tables, id, projection)?;
    }
    // Closed before one begins, so that the new one knows whether it has to wait.
    if let Some(action) = change.closes_delivery_of {
        delivery::close_of_action(tables, action, now);
    }
    let leased = match change.delivery {
        Some(new) => delivery::begin_at_once(tables, new)?,
        None => false,
    };
    tables.append_audit(&change.audit)?;
    let version = change.expected_version + 1;
    if let Some(record) = tables.record_mut(id) {
        record.version = version;
        if let Some(at) = updated_at {
            record.head.updated_at = at;
        }
    }
    Ok(Verdict::Keep(Committed::At { version, leased }))
}

/// Appends actions, each once, and each decision once.
fn append(tables: &mut Tables, id: EventId, actions: Vec<Action>) -> Result<(), StoreError> {
    for action in actions {
        if tables.action_homes.contains_key(&action.id) {
            return Err(refused("there is an action with this id"));
        }
        if let Some(original) = action.original_action_id
            && is_decision(&action)
            && decision_of(tables, original).is_some()
        {
            return Err(refused("the action is resolved"));
        }
        tables.last_position += 1;
        let position = tables.last_position;
        Arc::make_mut(&mut tables.action_homes).insert(action.id, id);
        let Some(record) = tables.record_mut(id) else {
            return Err(refused("there is no record with this id"));
        };
        if record
            .actions
            .iter()
            .any(|(_, done)| is_again(&action, done))
        {
            return Err(refused("the transaction has done this to the record"));
        }
        record.actions.push((position, Arc::new(action)));
    }
    Ok(())
}

fn is_decision(action: &Action) -> bool {
    matches!(
        action.status,
        ActionStatus::Accepted | ActionStatus::Rejected
    )
}

/// A transaction does a thing to a record once; looking at it and holding it may repeat.
fn is_again(action: &Action, done: &Action) -> bool {
    let may_repeat = matches!(
        action.action_type,
        ActionType::Read | ActionType::Assign | ActionType::Unassign
    );
    !may_repeat
        && action.action_type == done.action_type
        && action.status == done.status
        && action.transaction_id == done.transaction_id
}

/// The action that decided one. An action is decided on its own record.
pub(crate) fn decision_of(tables: &Tables, id: records::ActionId) -> Option<&Action> {
    let record = tables.records.get(tables.action_homes.get(&id)?)?;
    let mut actions = record.actions.iter().map(|(_, action)| action.as_ref());
    actions.find(|action| action.original_action_id == Some(id) && is_decision(action))
}

fn project(tables: &mut Tables, id: EventId, projection: Projection) -> Result<(), StoreError> {
    if let Some(number) = &projection.registration_number {
        let taken = projections(tables).any(|(other, theirs)| {
            other != id && theirs.registration_number.as_ref() == Some(number)
        });
        if taken {
            return Err(StoreError::RegistrationNumberTaken);
        }
    }
    if let Some(record) = tables.record_mut(id) {
        record.projection = Some(Arc::new(projection));
    }
    Ok(())
}

pub(crate) fn projections(tables: &Tables) -> impl Iterator<Item = (EventId, &Projection)> {
    tables
        .records
        .iter()
        .filter_map(|(id, record)| Some((*id, record.projection.as_deref()?)))
}

fn is_found(projection: &Projection, lookups: &BTreeSet<DuplicateLookup>) -> bool {
    let finds = |lookup: &DuplicateLookup| {
        let mut keys = projection.duplicate_keys.iter();
        keys.any(|key| lookup.finds(key))
    };
    lookups.iter().any(finds)
}

/// Whether a record other than `of` that the lookups find was written since they were answered.
fn has_company(tables: &Tables, of: EventId, looked_for: &LookedFor) -> bool {
    tables.records.iter().any(|(id, record)| {
        *id != of
            && record
                .actions
                .last()
                .is_some_and(|(position, _)| *position > looked_for.as_of)
            && record
                .projection
                .as_ref()
                .is_some_and(|projection| is_found(projection, &looked_for.lookups))
    })
}

/// A record that was declared or that something is still to be told of is never deleted.
fn may_go(tables: &Tables, record: &Record) -> Result<(), StoreError> {
    let declared = record.actions.iter().any(|(_, action)| {
        let declares = matches!(
            action.action_type,
            ActionType::Notify | ActionType::Declare | ActionType::Register
        );
        // What the country rejected counts as if it had never been.
        let rejected = decision_of(tables, action.id)
            .is_some_and(|decision| decision.status == ActionStatus::Rejected);
        declares && action.status != ActionStatus::Rejected && !rejected
    });
    if declared {
        return Err(refused(
            "a record that was declared or notified is never deleted",
        ));
    }
    if delivery::has_unfinished(tables, record.head.id) {
        return Err(refused(
            "a record with an unfinished delivery is never deleted",
        ));
    }
    Ok(())
}

/// Each word of a projection's texts once, in order of names and words.
pub(crate) fn spelt_out(projection: &Projection) -> Vec<SearchText> {
    let mut kept: BTreeMap<(&str, String), bool> = BTreeMap::new();
    for SearchText { name, text, quick } in &projection.texts {
        for word in words(text) {
            *kept.entry((name, word)).or_default() |= *quick;
        }
    }
    let text = |((name, text), quick): ((&str, String), bool)| SearchText {
        name: name.to_owned(),
        text,
        quick,
    };
    kept.into_iter().map(text).collect()
}
