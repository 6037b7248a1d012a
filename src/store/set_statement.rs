//! One statement for many rows, on a database server.
//!
//! # Design
//! The rows travel as one JSON text, so that a statement's text is the same however many they are, and stays prepared.
//! PostgreSQL, MariaDB (10.6 and newer) and MySQL (8.0 and newer) each read it as a table.

use super::StoreError;
use super::connection::AnyConnection;
use super::statement::{Bind, Statement};
use data_encoding::HEXLOWER;
use serde_json::{Map, Value};

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Travels in hexadecimal.
    Blob,
    Text,
    Integer,
    BigInt,
    /// Travels as 0 or 1.
    Bool,
}

/// A column's name and kind.
type Column = (&'static str, Kind);

/// The values of a row by column; one that is missing is NULL.
#[derive(Debug, Default)]
pub(super) struct Row(Map<String, Value>);

impl Row {
    pub fn blob(self, column: &str, value: &[u8]) -> Self {
        self.text(column, HEXLOWER.encode(value))
    }

    pub fn maybe_blob(self, column: &str, value: Option<&[u8]>) -> Self {
        self.maybe_text(column, value.map(|bytes| HEXLOWER.encode(bytes)))
    }

    pub fn text(mut self, column: &str, value: impl Into<String>) -> Self {
        self.0.insert(column.into(), Value::String(value.into()));
        self
    }

    pub fn maybe_text(self, column: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.text(column, value),
            None => self,
        }
    }

    pub fn int(mut self, column: &str, value: impl Into<i64>) -> Self {
        self.0.insert(column.into(), Value::from(value.into()));
        self
    }

    pub fn maybe_int(self, column: &str, value: Option<i64>) -> Self {
        match value {
            Some(value) => self.int(column, value),
            None => self,
        }
    }

    pub fn bool(self, column: &str, value: bool) -> Self {
        self.int(column, value)
    }
}

/// A statement in each dialect, with one place for its rows.
#[cfg_attr(
    not(all(feature = "postgres", feature = "mysql")),
    allow(dead_code, reason = "there is no such server")
)]
pub(super) struct SetStatement {
    postgres: String,
    mysql: String,
}

impl SetStatement {
    /// `None` for SQLite, which has no round trips to save.
    fn text_for(&'static self, connection: &AnyConnection) -> Option<&'static str> {
        match connection {
            #[cfg(feature = "postgres")]
            AnyConnection::Postgres(_) => Some(&self.postgres),
            #[cfg(feature = "mysql")]
            AnyConnection::Mysql(_) => Some(&self.mysql),
            #[cfg(feature = "sqlite")]
            AnyConnection::Sqlite(_) => None,
        }
    }

    /// The number of rows that it changed.
    pub fn run(&'static self, connection: &mut AnyConnection, rows: Vec<Row>) -> Result<usize, StoreError> {
        if rows.is_empty() {
            return Ok(0);
        }
        let sql = self.text_for(connection).ok_or(StoreError::Undone)?;
        let json = Value::Array(rows.into_iter().map(|Row(row)| Value::Object(row)).collect()).to_string();
        Statement::new(sql, &[Bind::Text(&json)]).run_on(connection)
    }
}

/// Inserts rows.
pub(super) fn insert(table: &str, columns: &[Column]) -> SetStatement {
    let names = list(columns, |(name, _)| (*name).to_owned());
    let statement = |dialect: Dialect| {
        let values = list(columns, |column| dialect.value(column));
        format!("INSERT INTO {table} ({names}) SELECT {values} FROM {}", dialect.rows(columns))
    };
    SetStatement { postgres: statement(Dialect::Postgres), mysql: statement(Dialect::Mysql) }
}

/// Sets all `columns` but the first one in the rows (`t`) whose first one is the given (`v`). `others` are for the
/// condition.
pub(super) fn update(
    table: &str,
    columns: &[Column],
    others: &[Column],
    condition: Option<&str>,
) -> SetStatement {
    let (key, set) = (&columns[..1], &columns[1..]);
    let all = [columns, others].concat();
    let condition = condition.map(|condition| format!(" AND {condition}")).unwrap_or_default();
    let found = |dialect: Dialect| format!("t.{} = {}", key[0].0, dialect.value(&key[0]));
    let postgres = format!(
        "UPDATE {table} AS t SET {} FROM {} WHERE {}{condition}",
        list(set, |column| format!("{} = {}", column.0, Dialect::Postgres.value(column))),
        Dialect::Postgres.rows(&all),
        found(Dialect::Postgres),
    );
    // In this order the rows are looked up by their key, whatever the optimiser thinks of a table of JSON.
    let mysql = format!(
        "UPDATE {} STRAIGHT_JOIN {table} AS t ON {} SET {} WHERE TRUE{condition}",
        Dialect::Mysql.rows(&all),
        found(Dialect::Mysql),
        list(set, |column| format!("t.{} = {}", column.0, Dialect::Mysql.value(column))),
    );
    SetStatement { postgres, mysql }
}

fn list(columns: &[Column], text: impl Fn(&Column) -> String) -> String {
    columns.iter().map(text).collect::<Vec<_>>().join(", ")
}

#[derive(Clone, Copy)]
enum Dialect {
    Postgres,
    Mysql,
}

impl Dialect {
    /// A column's value, as it is stored.
    fn value(self, (name, kind): &Column) -> String {
        match (self, kind) {
            (Self::Postgres, Kind::Blob) => format!("decode(v.{name}, 'hex')"),
            (Self::Mysql, Kind::Blob) => format!("UNHEX(v.{name})"),
            (Self::Postgres, Kind::Bool) => format!("v.{name} <> 0"),
            (_, Kind::Text | Kind::Integer | Kind::BigInt | Kind::Bool) => format!("v.{name}"),
        }
    }

    /// The rows as a table `v`.
    fn rows(self, columns: &[Column]) -> String {
        match self {
            Self::Postgres => {
                let typed = list(columns, |(name, kind)| {
                    let of_json = match kind {
                        Kind::Blob | Kind::Text => "text",
                        Kind::Integer | Kind::Bool => "integer",
                        Kind::BigInt => "bigint",
                    };
                    format!("{name} {of_json}")
                });
                format!("json_to_recordset(?::json) AS v ({typed})")
            }
            Self::Mysql => {
                let typed = list(columns, |(name, kind)| {
                    let of_json = match kind {
                        Kind::Blob | Kind::Text => "MEDIUMTEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin",
                        Kind::Integer | Kind::Bool => "INTEGER",
                        Kind::BigInt => "BIGINT",
                    };
                    // A value that does not fit must not silently become NULL.
                    format!("{name} {of_json} PATH '$.{name}' ERROR ON ERROR")
                });
                format!("JSON_TABLE(?, '$[*]' COLUMNS ({typed})) AS v")
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_conditional_update_says_its_condition_in_each_dialect() {
        let columns = [("id", Kind::Blob), ("marker", Kind::BigInt), ("used", Kind::Bool)];
        let statement = update("things", &columns, &[("seen", Kind::Text)], Some("t.state = v.seen"));
        assert_eq!(
            statement.postgres,
            "UPDATE things AS t SET marker = v.marker, used = v.used <> 0 FROM json_to_recordset(?::json) AS v \
             (id text, marker bigint, used integer, seen text) WHERE t.id = decode(v.id, 'hex') AND t.state = v.seen"
        );
        assert!(statement.mysql.starts_with("UPDATE JSON_TABLE(?, '$[*]' COLUMNS (id MEDIUMTEXT"));
        assert!(statement.mysql.ends_with(
            "STRAIGHT_JOIN things AS t ON t.id = UNHEX(v.id) SET t.marker = v.marker, t.used = v.used \
             WHERE TRUE AND t.state = v.seen"
        ));
    }

    #[test]
    fn a_value_that_is_missing_is_left_out() {
        let row = Row::default()
            .blob("id", &[0xab])
            .maybe_int("at", None)
            .maybe_text("name", Some("x"))
            .bool("used", true);
        assert_eq!(Value::Object(row.0).to_string(), r#"{"id":"ab","name":"x","used":1}"#);
    }
}
