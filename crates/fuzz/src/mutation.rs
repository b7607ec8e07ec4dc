//! Breaks JSON here and there, so that most of it still is what it was: the way past the first
//! check leads through something nearly right.

use arbitrary::{Result, Unstructured};
use serde_json::{Map, Value, json};

use crate::oddities;

/// Breaks a value in some places.
pub(crate) fn mutate(value: &mut Value, u: &mut Unstructured<'_>) -> Result<()> {
    for _ in 0..u.int_in_range(1..=6)? {
        // Before the place is chosen: it may be copied from anywhere, also from around the place.
        let other = u
            .ratio(1, 4)?
            .then(|| Ok::<_, arbitrary::Error>(place(value, u)?.clone()))
            .transpose()?
            .filter(|other| depth(other) < 20);
        let place = place_mut(value, u)?;
        match other {
            Some(other) => *place = other,
            None => damage(place, u)?,
        }
        if depth(value) > 120 {
            // Deeper than any parser here lets in.
            *value = Value::Null;
        }
    }
    Ok(())
}

/// Damages one value.
fn damage(place: &mut Value, u: &mut Unstructured<'_>) -> Result<()> {
    match place {
        Value::Object(members) if !members.is_empty() && u.ratio(2, 3)? => members_of(members, u),
        Value::Array(items) if !items.is_empty() && u.ratio(2, 3)? => items_of(items, u),
        Value::String(text) if u.ratio(1, 3)? => {
            if u.ratio(1, 2)? {
                text.push_str(&oddities::text(u)?);
            } else {
                let keep = u.int_in_range(0..=text.chars().count())?;
                *text = text.chars().take(keep).collect();
            }
            Ok(())
        }
        _ => {
            *place = match u.int_in_range(0..=5)? {
                0 => json!([place.take()]),
                1 => json!({ oddities::key(u)?: place.take() }),
                2 => json!({"$data": oddities::text(u)?}),
                3 => place.to_string().into(),
                _ => oddities::value(u, 3)?,
            };
            Ok(())
        }
    }
}

fn members_of(members: &mut Map<String, Value>, u: &mut Unstructured<'_>) -> Result<()> {
    let at = u.choose_index(members.len())?;
    let Some(chosen) = members.keys().nth(at).cloned() else {
        return Ok(());
    };
    match u.int_in_range(0..=3)? {
        0 => drop(members.shift_remove(&chosen)),
        1 => {
            let moved = members.shift_remove(&chosen).unwrap_or_default();
            members.insert(oddities::key(u)?, moved);
        }
        2 => drop(members.insert(oddities::key(u)?, oddities::value(u, 3)?)),
        _ => drop(members.insert(chosen, oddities::value(u, 2)?)),
    }
    Ok(())
}

fn items_of(items: &mut Vec<Value>, u: &mut Unstructured<'_>) -> Result<()> {
    let at = u.choose_index(items.len())?;
    match u.int_in_range(0..=3)? {
        0 => drop(items.remove(at)),
        1 => {
            let again = items.get(at).cloned().unwrap_or_default();
            let times = if depth(&again) < 8 { 20 } else { 1 };
            items.extend(vec![again; u.int_in_range(1..=times)?]);
        }
        2 => items.reverse(),
        _ => items.insert(at, oddities::value(u, 3)?),
    }
    Ok(())
}

/// A place in the value, anywhere but mostly some way down.
fn place<'v>(value: &'v Value, u: &mut Unstructured<'_>) -> Result<&'v Value> {
    let mut here = value;
    loop {
        let size = size(here);
        if size == 0 || u.ratio(1, 8)? {
            return Ok(here);
        }
        let at = u.choose_index(size)?;
        let next = match here {
            Value::Object(members) => members.values().nth(at),
            Value::Array(items) => items.get(at),
            _ => None,
        };
        match next {
            Some(next) => here = next,
            None => return Ok(here),
        }
    }
}

fn place_mut<'v>(value: &'v mut Value, u: &mut Unstructured<'_>) -> Result<&'v mut Value> {
    let size = size(value);
    if size == 0 || u.ratio(1, 8)? {
        return Ok(value);
    }
    let at = u.choose_index(size)?;
    match value {
        Value::Object(members) => match members.values_mut().nth(at) {
            Some(inside) => place_mut(inside, u),
            None => Err(arbitrary::Error::IncorrectFormat),
        },
        Value::Array(items) => match items.get_mut(at) {
            Some(inside) => place_mut(inside, u),
            None => Err(arbitrary::Error::IncorrectFormat),
        },
        leaf => Ok(leaf),
    }
}

fn size(value: &Value) -> usize {
    match value {
        Value::Object(members) => members.len(),
        Value::Array(items) => items.len(),
        _ => 0,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}
