//! A page of a relation stream.

use serde::de::MapAccess;

use super::envelope::{self, Envelope};
use super::page::NextLink;
use super::plan::PlanError;
use super::seed::Slots;
use super::trie::{SlotId, Trie};
use super::{PageError, RelationPage, RelationRow};
use crate::declaration::{self, Relation, Stream};

/// Reads one page of a relation stream. A row that lacks an end, or that fits no declared relation,
/// tells nothing and is left out.
///
/// # Errors
/// Where the body is no JSON or no page, its next page lies on another host, or there is no such
/// stream.
pub fn map_relations(
    connector: &str,
    stream: &str,
    base_url: &str,
    body: &[u8],
) -> Result<RelationPage, PageError> {
    let plan = |error: PlanError| PageError::Plan(error.to_string());
    let connector = declaration::find(connector).map_err(|error| plan(error.into()))?;
    let declared = connector.stream(stream).ok_or_else(|| {
        plan(PlanError::Object {
            connector: connector.declaration.id.clone(),
            object: stream.to_owned(),
        })
    })?;
    let mut trie = Trie::new();
    let relations = compile(&mut trie, declared, connector.relations(stream)).map_err(plan)?;
    let mut reader = Reader {
        next: NextLink::new(&connector.declaration.paging),
        id: slot(&mut trie, declared, &declared.id).map_err(plan)?,
        trie,
        relations,
        rows: Vec::new(),
        unreadable: 0,
    };
    envelope::read(body, &mut reader)?;
    let cursor = reader.next.cursor(base_url)?;
    Ok(RelationPage {
        rows: reader.rows,
        unreadable: reader.unreadable,
        cursor,
    })
}

struct CompiledRelation<'a> {
    relation: &'a Relation,
    from: SlotId,
    to: SlotId,
    when: Option<(SlotId, &'a str)>,
}

fn compile<'a>(
    trie: &mut Trie,
    stream: &Stream,
    relations: impl Iterator<Item = &'a Relation>,
) -> Result<Vec<CompiledRelation<'a>>, PlanError> {
    relations
        .map(|relation| {
            Ok(CompiledRelation {
                relation,
                from: slot(trie, stream, &relation.from.path)?,
                to: slot(trie, stream, &relation.to.path)?,
                when: match &relation.when {
                    Some(when) => Some((slot(trie, stream, &when.path)?, when.is.as_str())),
                    None => None,
                },
            })
        })
        .collect()
}

fn slot(trie: &mut Trie, stream: &Stream, path: &str) -> Result<SlotId, PlanError> {
    match stream.source(path) {
        Ok(path) => Ok(trie.add(&path)),
        Err(problem) => Err(PlanError::Source {
            property: stream.name.clone(),
            problem,
        }),
    }
}

struct Reader<'a> {
    next: NextLink<'a>,
    id: SlotId,
    trie: Trie,
    relations: Vec<CompiledRelation<'a>>,
    rows: Vec<RelationRow>,
    unreadable: u32,
}

impl<'de> Envelope<'de> for Reader<'_> {
    fn records(&self) -> &str {
        self.next.records()
    }

    fn trie(&self) -> &Trie {
        &self.trie
    }

    fn record(&mut self, slots: &Slots<'de>) {
        let filled = |slot| slots.text(slot).filter(|text| !text.is_empty());
        let Some(id) = filled(self.id) else {
            self.unreadable += 1;
            return;
        };
        for relation in &self.relations {
            let fits = relation
                .when
                .is_none_or(|(slot, is)| slots.text(slot) == Some(is));
            if let (true, Some(from), Some(to)) = (fits, filled(relation.from), filled(relation.to))
            {
                self.rows.push(RelationRow {
                    kind: relation.relation.kind.clone(),
                    id: id.to_owned(),
                    from_id: from.to_owned(),
                    to_id: to.to_owned(),
                });
            }
        }
    }

    fn other<A: MapAccess<'de>>(&mut self, key: &str, map: &mut A) -> Result<(), A::Error> {
        self.next.read(key, map)
    }
}
