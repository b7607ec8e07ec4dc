//! The list of certificates: `[{id, event, label, svgUrl, fonts, …}]`. Everything in it is handed on
//! as the country wrote it, but for where drawings and fonts are: these have paths of Core's.

use std::collections::{BTreeSet, HashMap};

use bytes::Bytes;
use serde_json::Value;

use super::kept::content_type;

/// What OpenCRVS's gateway puts before country config's paths.
const BEHIND_GATEWAY: &str = "/api/countryconfig";
/// More files than this no country has.
const MOST_FILES: usize = 200;

/// The list, as Core serves it, and what it leads to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Certificates {
    /// With Core's paths.
    pub(super) body: Bytes,
    /// Where the country has the drawing of each, by id.
    pub(super) drawings: HashMap<String, String>,
    /// Where the country has fonts.
    pub(super) fonts: BTreeSet<String>,
}

impl Certificates {
    /// `None` when it is no list. A certificate whose id or drawing has no plain name is left out.
    pub(super) fn read(source: &[u8]) -> Option<Self> {
        let Value::Array(list) = serde_json::from_slice(source).ok()? else {
            return None;
        };
        let mut read = Self::default();
        let mut served = Vec::new();
        for mut certificate in list {
            let text = |name: &str| certificate.get(name).and_then(Value::as_str);
            let drawing = text("svgUrl").and_then(|url| path_of(url, "/certificates/"));
            let id = text("id").filter(|id| is_plain(id)).map(str::to_owned);
            let (Some(id), Some(drawing)) = (id, drawing) else {
                continue;
            };
            if !drawing.ends_with(".svg") || read.drawings.len() >= MOST_FILES {
                continue;
            }
            certificate["svgUrl"] = format!("/certificates/{id}.svg").into();
            read.rewrite_fonts(certificate.get_mut("fonts"));
            read.drawings.insert(id, drawing);
            served.push(certificate);
        }
        read.body = Value::Array(served).to_string().into();
        Some(read)
    }

    /// `{family: {normal, bold, …}}`: what leads nowhere is taken out.
    fn rewrite_fonts(&mut self, fonts: Option<&mut Value>) {
        let families = fonts.and_then(Value::as_object_mut).into_iter();
        for family in families.flat_map(serde_json::Map::values_mut) {
            let Some(styles) = family.as_object_mut() else {
                continue;
            };
            styles.retain(|_, url| {
                let path = url.as_str().and_then(|url| path_of(url, "/fonts/"));
                let Some(path) = path.filter(|_| self.fonts.len() < MOST_FILES) else {
                    return false;
                };
                *url = path.clone().into();
                self.fonts.insert(path);
                true
            });
        }
    }
}

/// The path at country config that a URL means, when it is a file right below `folder`.
fn path_of(url: &str, folder: &str) -> Option<String> {
    let path = match url.split_once("://") {
        Some((_, rest)) => rest.get(rest.find('/')?..)?,
        None => url,
    };
    let path = path.strip_prefix(BEHIND_GATEWAY).unwrap_or(path);
    let name = path.strip_prefix(folder)?;
    content_type(name)?;
    Some(path.to_owned())
}

/// Whether a name is a name and leads nowhere.
pub(super) fn is_plain(name: &str) -> bool {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=128).contains(&name.len())
        && !name.starts_with('.')
        && !name.contains("..")
        && name.chars().all(plain)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(list: &Value) -> (Value, Certificates) {
        let read = Certificates::read(list.to_string().as_bytes()).unwrap();
        (serde_json::from_slice(&read.body).unwrap(), read)
    }

    #[test]
    fn drawings_and_fonts_get_paths_of_cores_and_the_rest_stays() {
        let (served, read) = read(&json!([{
            "id": "birth-certificate", "event": "birth", "fee": { "late": 7.5 },
            "svgUrl": "/api/countryconfig/certificates/v2.birth.svg",
            "fonts": { "Plain": {
                "normal": "https://country.example/fonts/Plain.ttf",
                "bold": "/fonts/../secret.ttf",
            } },
        }]));
        assert_eq!(
            served,
            json!([{
                "id": "birth-certificate", "event": "birth", "fee": { "late": 7.5 },
                "svgUrl": "/certificates/birth-certificate.svg",
                "fonts": { "Plain": { "normal": "/fonts/Plain.ttf" } },
            }])
        );
        assert_eq!(
            read.drawings["birth-certificate"],
            "/certificates/v2.birth.svg"
        );
        assert_eq!(read.fonts, ["/fonts/Plain.ttf".to_owned()].into());
    }

    #[test]
    fn what_has_no_plain_name_is_left_out() {
        for (id, url) in [
            ("../x", "/certificates/x.svg"),
            ("x", "/certificates/../../config/users"),
            ("x", "/certificates/a/b.svg"),
            ("x", "/certificates/x.html"),
            ("x", "/config/users"),
            ("x", "/certificates/%2e%2e.svg"),
            ("x", "/certificates/x.svg?y"),
            ("", "/certificates/x.svg"),
        ] {
            let (served, read) = read(&json!([{ "id": id, "svgUrl": url }]));
            assert_eq!(served, json!([]), "{id} {url}");
            assert!(read.drawings.is_empty());
        }
        assert_eq!(Certificates::read(b"{}"), None);
        assert_eq!(Certificates::read(b"<html>"), None);
    }
}
