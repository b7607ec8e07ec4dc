//! The country whose configuration the rows were made with.

use std::path::Path;

use forms::EventConfig;
use serde_json::Value;

use crate::{VectorError, folder};

/// A country's events: as written, and compiled.
#[derive(Debug, Clone)]
pub struct Country {
    written: Value,
    events: Vec<EventConfig>,
}

impl Country {
    /// Reads `events.json` in the folder `data` and compiles every event in it.
    ///
    /// # Errors
    /// When the folder or the file is not there, or an event is refused.
    pub fn read(data: &Path) -> Result<Self, VectorError> {
        folder::must_be_folder(data)?;
        let path = data.join("events.json");
        let written: Vec<Value> = folder::json(&path)?;
        let compile = |(at, event): (usize, &Value)| {
            EventConfig::compile(event.clone()).map_err(|source| VectorError::Refused {
                path: path.clone(),
                number: at + 1,
                source,
            })
        };
        let events = written.iter().enumerate().map(compile);
        Ok(Self {
            events: events.collect::<Result<_, _>>()?,
            written: Value::Array(written),
        })
    }

    /// The event of this type.
    #[must_use]
    pub fn event(&self, event_type: &str) -> Option<&EventConfig> {
        self.events.iter().find(|event| event.id() == event_type)
    }

    /// Every event, compiled.
    #[must_use]
    pub fn events(&self) -> &[EventConfig] {
        &self.events
    }

    /// The events as written: one JSON list.
    #[must_use]
    pub fn written(&self) -> &Value {
        &self.written
    }
}
