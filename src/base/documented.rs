//! Structures whose documentation is read by people who run them, not only by those who read the
//! source: the settings panel and the command line's help say of a field what stands here.

/// Makes the structure that stands in it, and a constant `DOCS`: the name of each field, and its
/// documentation. So the documentation stays without links and marks.
macro_rules! documented {
    (
        $(#[$of_type:meta])*
        pub struct $name:ident {
            $(
                $(#[doc = $doc:literal])+
                $(#[serde($($serde:tt)*)])?
                pub $field:ident: $type:ty,
            )+
        }
    ) => {
        $(#[$of_type])*
        #[cfg_attr(all(test, not(target_arch = "wasm32")), derive(schemars::JsonSchema))]
        pub struct $name {
            $(
                $(#[doc = $doc])+
                $(#[serde($($serde)*)])?
                pub $field: $type,
            )+
        }

        impl $name {
            /// Each field's name and documentation.
            pub(crate) const DOCS: &[(&'static str, &'static str)] =
                &[$((stringify!($field), concat!($($doc),+)),)+];
        }
    };
}

pub(crate) use documented;
