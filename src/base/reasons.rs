//! Tables of why something can't be, as data; the words are made in `view`.

/// Makes the enumeration of reasons that stands in it. A row is all that a new one needs here; what
/// it says stands in the catalogue, under its name in the section of the enumeration, with the
/// row's fields in its gaps. [`Display`](std::fmt::Display) is for programmers: `not-between
/// (value 0, low 1, high 101)`.
macro_rules! reasons {
    (
        $(#[$of_type:meta])*
        pub enum $name:ident {
            $(
                $(#[$of_row:meta])*
                $word:literal $row:ident $({ $($(#[$of_field:meta])* $field:ident: $type:ty,)+ })?,
            )+
        }
    ) => {
        $(#[$of_type])*
        pub enum $name {
            $($(#[$of_row])* $row $({ $($(#[$of_field])* $field: $type,)+ })?,)+
        }

        impl $name {
            /// The names of all rows, each with the names of its fields.
            pub const ROWS: &[(&'static str, &'static [&'static str])] =
                &[$(($word, &[$($(stringify!($field)),+)?])),+];

            /// Its name.
            pub const fn name(&self) -> &'static str {
                match self {
                    $($name::$row { .. } => $word,)+
                }
            }

            /// Hands each field to `put`, with its name.
            pub fn fields(&self, put: &mut dyn FnMut(&'static str, &dyn std::fmt::Display)) {
                match self {
                    $($name::$row $({ $($field),+ })? => {
                        $($(put(stringify!($field), $field);)+)?
                    })+
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                let mut fields = Vec::new();
                self.fields(&mut |name, value| fields.push(format!("{name} {value}")));
                match fields.is_empty() {
                    true => f.write_str(self.name()),
                    false => write!(f, "{} ({})", self.name(), fields.join(", ")),
                }
            }
        }
    };
}

pub(crate) use reasons;
