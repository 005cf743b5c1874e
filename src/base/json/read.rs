//! From JSON to a type: [`Json`] as serde's deserializer, with errors that say where.

use super::{Json, JsonError, quoted};
use serde::de::value::StrDeserializer;
use serde::de::{
    self, Deserialize, DeserializeSeed, Deserializer, EnumAccess, IntoDeserializer, MapAccess,
    SeqAccess, Unexpected, VariantAccess, Visitor,
};
use std::fmt;

impl de::Error for JsonError {
    fn custom<T: fmt::Display>(why: T) -> JsonError {
        JsonError::new(why.to_string())
    }

    fn invalid_type(found: Unexpected<'_>, wanted: &dyn de::Expected) -> JsonError {
        let (found, wanted) = (told(found), needed(&wanted.to_string()));
        JsonError::new(format!("{found} stands here; {wanted} is needed"))
    }

    fn invalid_value(found: Unexpected<'_>, wanted: &dyn de::Expected) -> JsonError {
        <JsonError as de::Error>::invalid_type(found, wanted)
    }

    fn invalid_length(length: usize, wanted: &dyn de::Expected) -> JsonError {
        let wanted = needed(&wanted.to_string());
        JsonError::new(format!("{length} values stand here; {wanted} is needed"))
    }

    fn unknown_variant(name: &str, known: &'static [&'static str]) -> JsonError {
        let (name, known) = (quoted(name), known.join(", "));
        JsonError::new(format!("there is no {name}; there are {known}"))
    }

    fn unknown_field(name: &str, known: &'static [&'static str]) -> JsonError {
        let known = known.join(", ");
        JsonError::new(format!("there is no such field; there are {known}")).within(name)
    }

    fn missing_field(name: &'static str) -> JsonError {
        JsonError::new("is missing").within(name)
    }

    fn duplicate_field(name: &'static str) -> JsonError {
        JsonError::new("stands here twice").within(name)
    }
}

/// A value in the words of JSON.
fn told(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Str(text) => format!("the string {}", quoted(text)),
        Unexpected::Bool(value) => value.to_string(),
        Unexpected::Unsigned(number) => format!("the number {number}"),
        Unexpected::Signed(number) => format!("the number {number}"),
        Unexpected::Unit | Unexpected::Option => "null".into(),
        Unexpected::Seq => "a list".into(),
        Unexpected::Map => "an object".into(),
        other => other.to_string(),
    }
}

/// What a type expects, which serde says in the words of Rust.
fn needed(wanted: &str) -> String {
    let to = |greatest: u64| format!("a whole number from 0 to {greatest}");
    match wanted {
        "u8" => to(u8::MAX.into()),
        "u16" => to(u16::MAX.into()),
        "u32" => to(u32::MAX.into()),
        "u64" | "usize" => "a whole number, 0 or more,".into(),
        "i8" | "i16" | "i32" | "i64" => "a whole number".into(),
        "a boolean" => "true or false".into(),
        "unit" => "null".into(),
        "a sequence" => "a list".into(),
        "a map" => "an object".into(),
        "variant identifier" | "field identifier" => "a name".into(),
        _ => {
            let list = ["a sequence", "tuple "];
            let object = ["struct ", "internally tagged ", "adjacently tagged "];
            let begins = |words: &[&str]| words.iter().any(|word| wanted.starts_with(word));
            match wanted {
                _ if begins(&list) => "a list".into(),
                _ if begins(&object) => "an object".into(),
                _ if wanted.starts_with("enum ") => "a name".into(),
                _ => wanted.into(),
            }
        }
    }
}

impl Json {
    /// Reads a value of a type from this one.
    ///
    /// # Errors
    /// Where the two don't fit, and what would.
    pub fn read<T: de::DeserializeOwned>(&self) -> Result<T, JsonError> {
        T::deserialize(self).map_err(|error| match self {
            Json::Object(fields) => blame::<T>(fields, error),
            _ => error,
        })
    }

    fn unexpected(&self) -> Unexpected<'_> {
        match self {
            Json::Null => Unexpected::Unit,
            Json::Bool(value) => Unexpected::Bool(*value),
            Json::Number(value) => Unexpected::Unsigned(*value),
            Json::Negative(value) => Unexpected::Signed(*value),
            Json::Text(text) => Unexpected::Str(text),
            Json::List(_) => Unexpected::Seq,
            Json::Object(_) => Unexpected::Map,
        }
    }
}

/// Of a type with a tag (an action), serde doesn't say in which field something is wrong. But
/// without that field, the complaint is another one; the tag comes first, and counts last.
fn blame<T: de::DeserializeOwned>(fields: &[(String, Json)], error: JsonError) -> JsonError {
    let inside = !error.path.is_empty();
    let head = error.path.split(['.', '[']).next().unwrap_or_default();
    if inside && fields.iter().any(|(name, _)| name == head) {
        return error;
    }
    let wrong = (0..fields.len()).rev().find(|&at| {
        // What has a name of its own is a part of something.
        if inside && !matches!(fields[at].1, Json::Object(_) | Json::List(_)) {
            return false;
        }
        let mut others = fields.to_vec();
        others.remove(at);
        T::deserialize(&Json::Object(others)).err().as_ref() != Some(&error)
    });
    match wrong {
        Some(at) => error.within(&fields[at].0),
        None => error,
    }
}

impl<'de> Deserializer<'de> for &'de Json {
    type Error = JsonError;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Json::Null => visitor.visit_unit(),
            Json::Bool(value) => visitor.visit_bool(*value),
            Json::Number(value) => visitor.visit_u64(*value),
            Json::Negative(value) => visitor.visit_i64(*value),
            Json::Text(text) => visitor.visit_borrowed_str(text),
            Json::List(items) => visitor.visit_seq(Items { items, at: 0 }),
            Json::Object(fields) => visitor.visit_map(Fields { fields, at: 0 }),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Json::Null => visitor.visit_none(),
            _ => visitor.visit_some(self),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        match self {
            Json::Text(name) => visitor.visit_enum(Variant { name, body: None }),
            Json::Object(fields) if fields.len() == 1 => {
                let (name, body) = &fields[0];
                let body = Some(body);
                visitor.visit_enum(Variant { name, body })
            }
            other => Err(de::Error::invalid_type(
                other.unexpected(),
                &"a name, or an object with one field,",
            )),
        }
    }

    // A list of a structure's values in their order would do for serde.
    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        match self {
            Json::List(_) => Err(de::Error::invalid_type(self.unexpected(), &"an object")),
            _ => self.deserialize_any(visitor),
        }
    }

    // And the number of a variant for its name.
    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        match self {
            Json::Text(_) => self.deserialize_any(visitor),
            _ => Err(de::Error::invalid_type(self.unexpected(), &"a name")),
        }
    }

    serde::forward_to_deserialize_any! {
        bool i8 i16 i32 i64 u8 u16 u32 u64 char str string bytes byte_buf unit unit_struct
        seq tuple tuple_struct map ignored_any
    }

    // Nothing in a run is a fraction: whoever wants one is told what stands here instead.
    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_any(visitor)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, JsonError> {
        self.deserialize_any(visitor)
    }
}

struct Items<'de> {
    items: &'de [Json],
    at: usize,
}

impl<'de> SeqAccess<'de> for Items<'de> {
    type Error = JsonError;

    fn next_element_seed<T: DeserializeSeed<'de>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, JsonError> {
        let Some(item) = self.items.get(self.at) else {
            return Ok(None);
        };
        self.at += 1;
        let value = seed.deserialize(item);
        value
            .map(Some)
            .map_err(|e| e.within(&format!("[{}]", self.at - 1)))
    }
}

struct Fields<'de> {
    fields: &'de [(String, Json)],
    at: usize,
}

impl<'de> MapAccess<'de> for Fields<'de> {
    type Error = JsonError;

    fn next_key_seed<K: DeserializeSeed<'de>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, JsonError> {
        let Some((name, _)) = self.fields.get(self.at) else {
            return Ok(None);
        };
        let name: StrDeserializer<'de, JsonError> = name.as_str().into_deserializer();
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<T: DeserializeSeed<'de>>(&mut self, seed: T) -> Result<T::Value, JsonError> {
        let (name, value) = &self.fields[self.at];
        self.at += 1;
        seed.deserialize(value).map_err(|e| e.within(name))
    }
}

struct Variant<'de> {
    name: &'de str,
    body: Option<&'de Json>,
}

impl<'de> EnumAccess<'de> for Variant<'de> {
    type Error = JsonError;
    type Variant = Self;

    fn variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<(T::Value, Self), JsonError> {
        let name: StrDeserializer<'de, JsonError> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'de> VariantAccess<'de> for Variant<'de> {
    type Error = JsonError;

    fn unit_variant(self) -> Result<(), JsonError> {
        match self.body {
            None | Some(Json::Null) => Ok(()),
            Some(_) => Err(JsonError::new("takes no value").within(self.name)),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'de>>(self, seed: T) -> Result<T::Value, JsonError> {
        let value = seed.deserialize(self.body.unwrap_or(&Json::Null));
        value.map_err(|e| e.within(self.name))
    }

    fn tuple_variant<V: Visitor<'de>>(self, _: usize, visitor: V) -> Result<V::Value, JsonError> {
        let value = self.body.unwrap_or(&Json::Null).deserialize_any(visitor);
        value.map_err(|e| e.within(self.name))
    }

    fn struct_variant<V: Visitor<'de>>(
        self,
        _: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, JsonError> {
        let value = self.body.unwrap_or(&Json::Null).deserialize_any(visitor);
        value.map_err(|e| e.within(self.name))
    }
}

impl<'de> Deserialize<'de> for Json {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Json, D::Error> {
        from.deserialize_any(AsItIs)
    }
}

/// Takes a value over as it is.
struct AsItIs;

impl<'de> Visitor<'de> for AsItIs {
    type Value = Json;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any value")
    }

    fn visit_unit<E>(self) -> Result<Json, E> {
        Ok(Json::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Json, E> {
        Ok(Json::Bool(value))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Json, E> {
        Ok(Json::Number(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Json, E> {
        Ok(Json::Negative(value))
    }

    fn visit_str<E>(self, text: &str) -> Result<Json, E> {
        Ok(Json::Text(text.into()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Json, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = list.next_element()? {
            items.push(item);
        }
        Ok(Json::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Json, A::Error> {
        let mut fields = Vec::new();
        while let Some(field) = map.next_entry()? {
            fields.push(field);
        }
        Ok(Json::Object(fields))
    }
}
