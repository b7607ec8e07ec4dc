//! Search and workqueues over the projection.

use records::EventDocument;
use storage::Projection;

use crate::{Core, error::ApiError};

/// What a record comes to, as it is kept beside its actions for search.
///
/// # Errors
/// When the country no longer configures the record's event type, or no configuration was read yet.
pub fn projection(core: &Core, document: &EventDocument) -> Result<Projection, ApiError> {
    let config = core.configuration.event(&document.event_type)?;
    let state = records::state(document, &config).map_err(ApiError::internal)?;
    let index = serde_json::to_value(&state).map_err(ApiError::internal)?;
    let registered = state.legal_statuses.registered.as_ref();
    Ok(Projection {
        registration_number: registered.and_then(|step| step.registration_number.clone()),
        search_text: state.tracking_id,
        index,
    })
}
