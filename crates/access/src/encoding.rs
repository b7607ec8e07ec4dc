//! Query strings, as scopes are written in: lists joined by commas, `[]` and `[0]` allowed, though
//! not both at once.

use std::fmt::Write as _;

/// A name and every value it was given.
#[derive(Debug)]
pub(crate) struct Pair {
    pub(crate) name: String,
    values: Vec<String>,
    shape: Shape,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    Plain,
    /// Written as `name[]=…`: a list even with one value.
    List,
    /// Written as `name[key]=…` or `name.key=…`: an object, which no option is. So is a list in a
    /// list, `name[]=a,b`: OpenCRVS understands none of them, and what grants nothing there must
    /// not grant anything here.
    Object,
}

impl Pair {
    /// The value, when there is exactly one and it was not written as a list.
    pub(crate) fn single(&self) -> Option<&str> {
        match self.values.as_slice() {
            [value] if self.shape == Shape::Plain => Some(value),
            _ => None,
        }
    }

    /// The values, one or many.
    pub(crate) fn list(&self) -> Option<Vec<String>> {
        (self.shape != Shape::Object).then(|| self.values.clone())
    }
}

/// Takes a query string apart; the same name twice becomes one pair with more values.
pub(crate) fn pairs(text: &str) -> Vec<Pair> {
    let mut pairs: Vec<Pair> = Vec::new();
    let text = text.strip_prefix('?').unwrap_or(text);
    for part in text.split('&').filter(|part| !part.is_empty()) {
        let (name, values) = part.split_once('=').unwrap_or((part, ""));
        let (name, mut shape) = shape_of(&unescape(name));
        if shape == Shape::List && values.contains(',') {
            shape = Shape::Object;
        }
        // Commas are taken apart before unescaping, so that an escaped comma is part of a value.
        let values = values.split(',').map(unescape);
        match pairs.iter_mut().find(|pair| pair.name == name) {
            Some(pair) => {
                pair.values.extend(values);
                if shape != Shape::Plain && pair.shape != Shape::Object {
                    pair.shape = shape;
                }
            }
            None => pairs.push(Pair {
                name,
                values: values.collect(),
                shape,
            }),
        }
    }
    pairs
}

fn shape_of(name: &str) -> (String, Shape) {
    let Some(end) = name.find(['[', '.']) else {
        return (name.to_owned(), Shape::Plain);
    };
    let (base, rest) = name.split_at(end);
    let index = rest
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    let shape = match index {
        Some(index) if index.bytes().all(|byte| byte.is_ascii_digit()) => Shape::List,
        _ => Shape::Object,
    };
    (base.to_owned(), shape)
}

/// Appends `&name=a,b`.
pub(crate) fn append_list(text: &mut String, name: &str, values: &[String]) {
    for (at, value) in values.iter().enumerate() {
        if at == 0 {
            append(text, name, value);
        } else {
            text.push(',');
            escape(text, value);
        }
    }
}

/// Appends `&name=value`.
pub(crate) fn append(text: &mut String, name: &str, value: &str) {
    let _ = write!(text, "&{name}=");
    escape(text, value);
}

/// Only what would be misread is escaped: other systems compare these texts letter by letter.
fn escape(text: &mut String, value: &str) {
    for letter in value.chars() {
        match letter {
            '&' | ',' | '%' | '+' => {
                let _ = write!(text, "%{:02X}", u32::from(letter));
            }
            letter => text.push(letter),
        }
    }
}

/// Undoes `%XX` and `+`; a text that is not validly escaped is taken as it is.
fn unescape(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let digits = [rest.next(), rest.next()].map(|digit| {
                    digit
                        .and_then(|digit| char::from(digit).to_digit(16))
                        .map(|digit| digit as u8)
                });
                match digits {
                    [Some(high), Some(low)] => bytes.push(high * 16 + low),
                    _ => return text.to_owned(),
                }
            }
            byte => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).unwrap_or_else(|_| text.to_owned())
}
