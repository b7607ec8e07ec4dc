//! Makes spans for a collector of those that have a correlation id, and of what happens within
//! them. The fields that say where a span stands are described at `countersign_core::correlation`.

use std::{borrow::Cow, sync::Arc, time::SystemTime};

use countersign_core::correlation;
use opentelemetry::{
    InstrumentationScope,
    trace::{Event, SpanContext, SpanId, SpanKind, Status, TraceFlags, TraceId, TraceState},
};
use opentelemetry_sdk::trace::{
    BatchSpanProcessor, SpanData, SpanEvents, SpanLinks, SpanProcessor as _,
};
use tracing::{
    Level, Subscriber,
    span::{Attributes, Id, Record},
};
use tracing_subscriber::{
    Layer,
    layer::Context,
    registry::{LookupSpan, SpanRef},
};
use uuid::Uuid;
use world::World;

use super::fields::Fields;

/// No more of what happens within one span is kept.
const MOST_EVENTS: usize = 100;

pub struct TraceLayer {
    processor: Arc<BatchSpanProcessor>,
    world: World,
    scope: InstrumentationScope,
}

/// A span that has begun.
struct Begun {
    trace: TraceId,
    step: SpanId,
    /// All zeros for none.
    parent: SpanId,
    /// Whether the parent is a step of somebody else's, or of an earlier time.
    parent_is_remote: bool,
    at: SystemTime,
    fields: Fields,
    events: SpanEvents,
    status: Status,
}

impl TraceLayer {
    pub(super) fn new(processor: Arc<BatchSpanProcessor>, world: World) -> Self {
        let scope = InstrumentationScope::builder("countersign")
            .with_version(env!("CARGO_PKG_VERSION"))
            .build();
        Self {
            processor,
            world,
            scope,
        }
    }

    fn now(&self) -> SystemTime {
        self.world.now().into()
    }

    fn new_step(&self) -> SpanId {
        let mut bytes = [0; 8];
        self.world.fill(&mut bytes);
        // All zeros would be none.
        let [first, ..] = &mut bytes;
        *first |= 1;
        SpanId::from_bytes(bytes)
    }

    /// Where a span stands; `None` when nothing says of which trace it is.
    fn place<S>(&self, span: &SpanRef<'_, S>, fields: Fields) -> Option<Begun>
    where
        S: for<'a> LookupSpan<'a>,
    {
        let around = span.scope().skip(1).find_map(|around| {
            let extensions = around.extensions();
            let begun = extensions.get::<Begun>()?;
            Some((begun.trace, begun.step))
        });
        let named = ["correlation", "correlation_id"]
            .iter()
            .find_map(|name| TraceId::from_hex(fields.text(name)?).ok());
        let trace = named.or(around.map(|(trace, _)| trace))?;
        let within = around.filter(|(other, _)| *other == trace);
        let given = |name| SpanId::from_hex(fields.text(name)?).ok();
        let (parent, parent_is_remote) = match (within, delivery_of(span.name(), &fields)) {
            // An attempt belongs to its delivery, whoever's request it is made in.
            (_, Some(delivery)) => (Some(delivery), true),
            (Some((_, around)), None) => (Some(around), false),
            (None, None) => (given("parent"), true),
        };
        Some(Begun {
            trace,
            step: given("step").unwrap_or_else(|| self.new_step()),
            parent: parent.unwrap_or(SpanId::INVALID),
            parent_is_remote,
            at: self.now(),
            fields,
            events: SpanEvents::default(),
            status: Status::Unset,
        })
    }
}

/// The step that the attempts of a delivery come under, of an attempt.
fn delivery_of(name: &str, fields: &Fields) -> Option<SpanId> {
    if name != "delivery" {
        return None;
    }
    let id: Uuid = fields.text("delivery")?.parse().ok()?;
    SpanId::from_hex(&correlation::step(id)).ok()
}

/// What a span is called, and what it is to others.
fn name_and_kind(name: &'static str, fields: &Fields) -> (Cow<'static, str>, SpanKind) {
    let with = |before: &str, field| match fields.text(field) {
        Some(text) => Cow::Owned(format!("{before}{text}")),
        None => Cow::Borrowed(name),
    };
    match name {
        "call" => (with("", "procedure"), SpanKind::Server),
        "request" => (with("", "route"), SpanKind::Server),
        "delivery-begins" => (with("begin ", "kind"), SpanKind::Producer),
        "delivery" => (with("deliver ", "kind"), SpanKind::Client),
        _ => (Cow::Borrowed(name), SpanKind::Internal),
    }
}

impl<S> Layer<S> for TraceLayer
where
    S: Subscriber + for<'a> LookupSpan<'a>,
{
    fn on_new_span(&self, attributes: &Attributes<'_>, id: &Id, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        let mut fields = Fields::default();
        attributes.record(&mut fields);
        let begun = self.place(&span, fields);
        if let Some(begun) = begun {
            span.extensions_mut().insert(begun);
        }
    }

    fn on_record(&self, id: &Id, values: &Record<'_>, context: Context<'_, S>) {
        let Some(span) = context.span(id) else { return };
        if let Some(begun) = span.extensions_mut().get_mut::<Begun>() {
            values.record(&mut begun.fields);
        }
    }

    fn on_event(&self, event: &tracing::Event<'_>, context: Context<'_, S>) {
        let Some(span) = context.event_span(event) else {
            return;
        };
        let mut extensions = span.extensions_mut();
        let Some(begun) = extensions.get_mut::<Begun>() else {
            return;
        };
        let mut fields = Fields::default();
        event.record(&mut fields);
        let message = fields.message.unwrap_or_default();
        if *event.metadata().level() <= Level::WARN {
            begun.status = Status::error(message.clone());
        }
        if begun.events.events.len() < MOST_EVENTS {
            let happened = Event::new(message, self.now(), fields.attributes, 0);
            begun.events.events.push(happened);
        } else {
            begun.events.dropped_count = begun.events.dropped_count.saturating_add(1);
        }
    }

    fn on_close(&self, id: Id, context: Context<'_, S>) {
        let Some(span) = context.span(&id) else {
            return;
        };
        let Some(begun) = span.extensions_mut().remove::<Begun>() else {
            return;
        };
        let (name, span_kind) = name_and_kind(span.name(), &begun.fields);
        self.processor.on_end(SpanData {
            span_context: SpanContext::new(
                begun.trace,
                begun.step,
                TraceFlags::SAMPLED,
                false,
                TraceState::default(),
            ),
            parent_span_id: begun.parent,
            parent_span_is_remote: begun.parent_is_remote,
            span_kind,
            name,
            start_time: begun.at,
            end_time: self.now(),
            attributes: begun.fields.attributes,
            dropped_attributes_count: 0,
            events: begun.events,
            links: SpanLinks::default(),
            status: begun.status,
            instrumentation_scope: self.scope.clone(),
        });
    }
}
