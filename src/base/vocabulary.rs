//! Tables of what there is: events, decisions, actions, kinds of messages, reasons.

/// Makes an enumeration whose rows each have a name. A row is all that a new kind of thing needs
/// here: the name in JSON, in lessons and in links, the list of names, and the fold into the event
/// hash come from it.
macro_rules! vocabulary {
    (
        $(#[$of_type:meta])*
        pub enum $name:ident {
            $(
                $(#[$of_row:meta])*
                $word:literal $row:ident
                $({ $($(#[$of_field:meta])* $field:ident: $type:ty,)+ })?
                $(($inner:ident: $inner_type:ty))?,
            )+
        }
    ) => {
        $(#[$of_type])*
        pub enum $name {
            $(
                $(#[$of_row])*
                #[serde(rename = $word)]
                $row
                $({ $($(#[$of_field])* $field: $type,)+ })?
                $(($inner_type))?,
            )+
        }

        impl $name {
            /// The names, in the order of the table.
            pub const NAMES: &[&'static str] = &[$($word),+];

            /// Its name, the same in JSON and in lessons.
            pub const fn name(&self) -> &'static str {
                match self {
                    $($name::$row { .. } => $word,)+
                }
            }
        }

        impl $crate::base::Fold for $name {
            // Where bytes are waited for, once; else where the row is known, which costs less.
            #[cfg_attr(target_arch = "wasm32", inline)]
            #[cfg_attr(not(target_arch = "wasm32"), inline(always))]
            fn fold(&self, digest: &mut $crate::base::Digest) {
                match self {
                    $($name::$row $({ $($field),+ })? $(($inner))? => {
                        digest.word(const { $crate::base::hash::tag($word) });
                        $($($crate::base::Fold::fold($field, digest);)+)?
                        $($crate::base::Fold::fold($inner, digest);)?
                    })+
                }
            }
        }
    };
}

pub(crate) use vocabulary;
