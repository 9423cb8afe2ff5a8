//! As much of JSON Schema as our schemas use.

use serde_json::Value;

/// Checks a value; an unknown keyword in the schema is an error, so that none is silently ignored.
pub(super) fn check(schema: &Value, value: &Value) -> Result<(), String> {
    walk(schema, schema, value, "")
}

/// Calls `visit` with the pointer of every object.
pub(super) fn for_every_object(value: &Value, visit: &mut impl FnMut(&str)) {
    fn walk(value: &Value, at: &str, visit: &mut impl FnMut(&str)) {
        match value {
            Value::Object(members) => {
                visit(at);
                members.iter().for_each(|(name, member)| walk(member, &format!("{at}/{name}"), visit));
            }
            Value::Array(items) => {
                items.iter().enumerate().for_each(|(i, item)| walk(item, &format!("{at}/{i}"), visit));
            }
            _ => {}
        }
    }
    walk(value, "", visit);
}

fn walk(root: &Value, schema: &Value, value: &Value, at: &str) -> Result<(), String> {
    for (keyword, rule) in schema.as_object().ok_or("a schema is an object")? {
        let ok = match keyword.as_str() {
            "$schema" | "$defs" | "title" | "description" | "additionalProperties" => true,
            "$ref" => {
                let target = root.pointer(&rule.as_str().unwrap_or_default()[1..]).ok_or("dangling $ref")?;
                walk(root, target, value, at)?;
                true
            }
            "type" => match rule.as_str().unwrap_or_default() {
                "object" => value.is_object(),
                "array" => value.is_array(),
                "string" => value.is_string(),
                "boolean" => value.is_boolean(),
                "integer" => value.is_u64(),
                other => return Err(format!("unknown type {other}")),
            },
            "const" => value == rule,
            "enum" => rule.as_array().is_some_and(|allowed| allowed.contains(value)),
            "minimum" => value.as_u64().is_none_or(|x| Some(x) >= rule.as_u64()),
            "maximum" => value.as_u64().is_none_or(|x| Some(x) <= rule.as_u64()),
            "minLength" => value.as_str().is_none_or(|s| Some(s.len() as u64) >= rule.as_u64()),
            "maxLength" => value.as_str().is_none_or(|s| Some(s.len() as u64) <= rule.as_u64()),
            "minItems" => value.as_array().is_none_or(|x| Some(x.len() as u64) >= rule.as_u64()),
            "maxItems" => value.as_array().is_none_or(|x| Some(x.len() as u64) <= rule.as_u64()),
            "pattern" => match value.as_str() {
                Some(text) => matches(rule.as_str().unwrap_or_default(), text)?,
                None => true,
            },
            "items" => {
                for (i, item) in value.as_array().into_iter().flatten().enumerate() {
                    walk(root, rule, item, &format!("{at}/{i}"))?;
                }
                true
            }
            "required" => rule
                .as_array()
                .into_iter()
                .flatten()
                .all(|name| value.get(name.as_str().unwrap_or_default()).is_some()),
            "properties" => {
                for (name, member) in value.as_object().into_iter().flatten() {
                    let rule = rule.get(name).ok_or(format!("{at}: unknown member {name}"))?;
                    walk(root, rule, member, &format!("{at}/{name}"))?;
                }
                true
            }
            other => return Err(format!("unknown keyword {other}")),
        };
        if !ok {
            return Err(format!("{at}: {keyword} {rule} does not hold"));
        }
    }
    Ok(())
}

/// The patterns of our schemas, by hand: no regex engine for five of them.
fn matches(pattern: &str, text: &str) -> Result<bool, String> {
    let hex = |digits: &[usize]| {
        text.strip_prefix("0x")
            .is_some_and(|rest| digits.contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_hexdigit()))
    };
    Ok(match pattern {
        "^0x[0-9a-fA-F]{64}$" => hex(&[64]),
        "^0x[0-9a-fA-F]{40}$" => hex(&[40]),
        "^0x([0-9a-fA-F]{64}|[0-9a-fA-F]{128})$" => hex(&[64, 128]),
        "^(0|[1-9][0-9]{0,38})$" => {
            text == "0"
                || ((1..=39).contains(&text.len())
                    && !text.starts_with('0')
                    && text.bytes().all(|b| b.is_ascii_digit()))
        }
        "^[a-z0-9_-][a-z0-9._-]{0,63}$" => text.parse::<super::FileName>().is_ok(),
        other => return Err(format!("unknown pattern {other}")),
    })
}
