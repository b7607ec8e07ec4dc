//! What a record is: documents, actions, state, flags, what may come next.
mod document;
mod ids;

pub use document::{Action, ActionStatus, Declaration, EventDocument, UserType};
pub use forms::ActionType;
pub use ids::{ActionId, DeliveryId, EventId};
