//! Where a figure stands: its element, its number on the page, and what belongs to it alone.
//!
//! Nothing in a figure reaches past its root: elements are looked up inside of it, ids carry its
//! number, its theme is an attribute of its element. The laboratory, of which a page has one at most,
//! has number 0; its ids are the bare names, and its theme is that of the document.

use super::language::Language;
use super::ui_state::Theme;
use crate::web::page::Page;
use js_sys::Reflect;
use std::any::Any;
use std::cell::RefCell;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::{Element, Node};
use yew::AttrValue;

/// A figure's root.
pub struct Root {
    /// The page around it.
    pub page: Rc<Page>,
    /// The element in which the figure is drawn.
    pub element: Element,
    /// Its number on the page: 0 is the laboratory.
    pub number: u32,
    /// What panels of this figure share; the code that knows its type comes on demand.
    pub shared: RefCell<Option<Rc<dyn Any>>>,
}

impl Root {
    /// A figure in this element.
    pub fn new(page: Rc<Page>, element: Element, number: u32) -> Rc<Root> {
        let shared = RefCell::default();
        Rc::new(Root {
            page,
            element,
            number,
            shared,
        })
    }

    /// Whether the page is about this figure: it has its address, its memory, and keys that no
    /// other figure takes.
    pub const fn is_lab(&self) -> bool {
        self.number == 0
    }

    /// From here on something is done for this figure: whatever stops the module stops it.
    pub fn works(&self) {
        self.page.works_for(self.number);
    }

    /// The id of an element that is called so in every figure.
    pub fn id(&self, name: impl Into<AttrValue>) -> AttrValue {
        let name = name.into();
        match self.number {
            0 => name,
            n => format!("f{n}-{name}").into(),
        }
    }

    /// A link to the element with this name.
    pub fn link(&self, name: &'static str) -> String {
        format!("#{}", self.id(name))
    }

    /// What an attribute of SVG refers to the element with this name by.
    pub fn url(&self, name: &'static str) -> String {
        format!("url(#{})", self.id(name))
    }

    /// The first element of the figure that matches.
    pub fn find(&self, css: &str) -> Option<Element> {
        self.element.query_selector(css).ok().flatten()
    }

    /// The element with this name.
    pub fn named(&self, name: String) -> Option<Element> {
        self.find(&format!("[id='{}']", self.id(name)))
    }

    /// The element that has the focus, of all in the document, or in the shadow tree, of the figure.
    pub fn focused(&self) -> Option<Element> {
        let tree: Node = self.element.get_root_node();
        let active = Reflect::get(&tree, &"activeElement".into()).ok()?;
        active.dyn_into().ok()
    }

    /// Shows a theme, and says in which language it speaks.
    pub fn show(&self, theme: Theme, language: Language) {
        let document = || self.element.owner_document()?.document_element();
        let whole = self.is_lab().then(document).flatten();
        let element = whole.as_ref().unwrap_or(&self.element);
        let _ = match theme {
            Theme::Auto => element.remove_attribute("data-theme"),
            _ => element.set_attribute("data-theme", theme.name()),
        };
        let _ = element.set_attribute("lang", language.tag());
    }
}
