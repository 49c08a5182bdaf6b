//! The body of a change: fields of the record, and elements of its lists by their ids.

use serde_json::{Map, Value};

use crate::declaration::PartList;
use crate::path::{Selector, SourcePath, Test};

/// A body that grows field by field.
pub(super) struct Body<'a> {
    lists: &'a [PartList],
    destroy: &'a str,
    record: &'a Value,
    fields: Map<String, Value>,
}

impl<'a> Body<'a> {
    /// Changes of `record`.
    pub(super) fn new(lists: &'a [PartList], destroy: &'a str, record: &'a Value) -> Self {
        Self {
            lists,
            destroy,
            record,
            fields: Map::new(),
        }
    }

    /// Sets a path of the form `key`, `key.sub` or `list[flag].key`; null clears.
    pub(super) fn set(&mut self, path: &SourcePath, value: Value) {
        match path.segments() {
            [only] => {
                self.fields.insert(only.key.clone(), value);
            }
            [first, last] => match &first.element {
                Some(selector) => self.element(&first.key, selector, &last.key, value),
                None => {
                    let inner = if value.is_null() {
                        Value::Null
                    } else {
                        Value::Object(Map::from_iter([(last.key.clone(), value)]))
                    };
                    self.fields.insert(first.key.clone(), inner);
                }
            },
            // No other form is declared.
            _ => {}
        }
    }

    /// One element changes, comes or goes; the others stay as they are.
    fn element(&mut self, list: &str, selector: &Selector, key: &str, value: Value) {
        let declared = self.lists.iter().find(|known| known.key == list);
        let elements = self.record.get(list).and_then(Value::as_array);
        let id = elements
            .into_iter()
            .flatten()
            .find(|element| fits(element, selector))
            .and_then(|element| element.get("id"));
        let whole = declared.and_then(|list| list.whole.as_deref()) == Some(key);
        if id.is_none() && value.is_null() {
            return;
        }
        let change = self
            .fields
            .entry(list)
            .or_insert_with(|| {
                let mut change = match id {
                    Some(_) => Map::new(),
                    None => declared.map(|list| list.new.clone()).unwrap_or_default(),
                };
                change.extend(id.map(|id| ("id".to_owned(), id.clone())));
                Value::Array(vec![Value::Object(change)])
            })
            .get_mut(0)
            .and_then(Value::as_object_mut);
        let Some(change) = change else { return };
        if whole && value.is_null() {
            change.insert(self.destroy.to_owned(), true.into());
        } else {
            change.insert(key.to_owned(), value);
        }
    }

    /// What is to be sent.
    pub(super) fn into_fields(self) -> Map<String, Value> {
        self.fields
    }
}

fn fits(element: &Value, selector: &Selector) -> bool {
    match (&selector.test, element.get(&selector.key)) {
        (Test::True, Some(Value::Bool(flag))) => *flag,
        (Test::Equals(wanted), Some(Value::String(text))) => text == wanted,
        _ => false,
    }
}
