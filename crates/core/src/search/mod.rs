//! Search and workqueues over the projection.
