//! How the id of a run is kept, which stands in every row of it: a UUID as its 16 bytes, which are less than half of its text,
//! and any other id as its text. Keys sort as ids do, with all UUIDs after the rest.

use rusqlite::types::{FromSqlError, Value, ValueRef};
use uuid::Uuid;

/// The id as it is kept.
pub(super) fn key(id: &str) -> Value {
    match Uuid::try_parse(id) {
        Ok(uuid) if uuid.hyphenated().to_string() == id => Value::Blob(uuid.as_bytes().to_vec()),
        _ => Value::Text(id.to_owned()),
    }
}

/// The id that is kept so.
pub(super) fn id(key: ValueRef<'_>) -> rusqlite::Result<String> {
    match key {
        ValueRef::Blob(bytes) => match Uuid::from_slice(bytes) {
            Ok(uuid) => Ok(uuid.hyphenated().to_string()),
            Err(_) => Err(FromSqlError::InvalidBlobSize { expected_size: 16, blob_size: bytes.len() }.into()),
        },
        text => Ok(text.as_str()?.to_owned()),
    }
}

/// Between which keys those of all ids stand that begin so, both included.
pub(super) fn beginning(prefix: &str) -> impl Iterator<Item = [Value; 2]> {
    let texts = [Value::Text(prefix.to_owned()), Value::Text(format!("{prefix}\u{10ffff}"))];
    let filled = |uuid: &str| uuid.get(prefix.len()..).map(|rest| key(&format!("{prefix}{rest}")));
    let uuids = filled("00000000-0000-0000-0000-000000000000").zip(filled(NEWEST));
    let uuids = uuids.filter(|(first, _)| matches!(first, Value::Blob(_)));
    [texts].into_iter().chain(uuids.map(|(first, last)| [first, last]))
}

/// Comes after every id.
pub(super) const NEWEST: &str = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/// [`key`] as an expression of SQL.
macro_rules! key_of {
    ($id:literal) => {
        concat!(
            "iif(",
            $id,
            " GLOB '????????-????-????-????-????????????' AND ",
            $id,
            " NOT GLOB '*[^0-9a-f-]*' AND length(unhex(",
            $id,
            ", '-')) = 16, unhex(",
            $id,
            ", '-'), ",
            $id,
            ")"
        )
    };
}
pub(super) use key_of;

/// [`id`] as an expression of SQL.
macro_rules! id_of {
    ($key:literal) => {
        concat!(
            "iif(typeof(",
            $key,
            ") = 'blob', lower(hex(substr(",
            $key,
            ", 1, 4)) || '-' || hex(substr(",
            $key,
            ", 5, 2)) || '-' || hex(substr(",
            $key,
            ", 7, 2)) || '-' || hex(substr(",
            $key,
            ", 9, 2)) || '-' || hex(substr(",
            $key,
            ", 11))), ",
            $key,
            ")"
        )
    };
}
pub(super) use id_of;

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rusqlite::Connection;

    use super::*;

    fn any_id() -> impl Strategy<Value = String> {
        prop_oneof![
            any::<u128>().prop_map(|number| Uuid::from_u128(number).hyphenated().to_string()),
            any::<u128>().prop_map(|number| Uuid::from_u128(number).simple().to_string()),
            any::<u128>().prop_map(|number| format!("{:X}", Uuid::from_u128(number).hyphenated())),
            "[0-9a-g-]{36}",
            "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f-]{12}",
            "[^\u{0}]{0,12}",
        ]
    }

    proptest! {
        #[test]
        fn the_program_and_sql_keep_an_id_in_the_same_way_and_tell_it_as_it_was(text in any_id()) {
            let connection = Connection::open_in_memory().expect("memory");
            let query = concat!("SELECT key, ", id_of!("key"), " FROM (SELECT ", key_of!("?1"), " AS key)");
            connection.query_row(query, [&text], |row| {
                assert_eq!(row.get::<_, Value>(0)?, key(&text));
                assert_eq!((row.get(1)?, id(row.get_ref(0)?)?), (text.clone(), text.clone()));
                Ok(())
            }).expect("told");
        }

        #[test]
        fn an_id_is_among_those_that_begin_like_it(number in any::<u128>(), length in 0_usize..=36, other in any::<u128>()) {
            let id = |number| Uuid::from_u128(number).hyphenated().to_string();
            let among = |id: &str, prefix: &str| {
                let connection = Connection::open_in_memory().expect("memory");
                beginning(prefix).any(|[first, last]| {
                    let sql = "SELECT ?1 BETWEEN ?2 AND ?3";
                    connection.query_row(sql, [key(id), first, last], |row| row.get::<_, bool>(0)).expect("told")
                })
            };
            let prefix = &id(number)[..length];
            prop_assert!(among(&id(number), prefix));
            prop_assert_eq!(among(&id(other), prefix), id(other).starts_with(prefix));
            prop_assert_eq!(among("run-1", &"run-1"[..length.min(5)]), true);
        }
    }

    #[test]
    fn no_id_is_newer_than_the_newest() {
        let connection = Connection::open_in_memory().expect("memory");
        for id in ["\u{10ffff}", "019acfd8-b4f1-7000-8000-000000000000", "fffffffe-ffff-ffff-ffff-ffffffffffff"] {
            let sql = "SELECT ?1 < ?2";
            assert!(
                connection.query_row(sql, [key(id), key(NEWEST)], |row| row.get::<_, bool>(0)).expect("told"),
                "{id}"
            );
        }
    }
}
