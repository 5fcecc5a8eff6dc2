//! Makes one wasm module of several pieces. A piece imports memory, table and globals of the first part, puts its code
//! into the table and its data into memory, and knows nothing of other pieces: so they only have to be renumbered.

use std::convert::Infallible;

use anyhow::{Result, bail};
use wasm_encoder::reencode::{Error, Reencode};
use wasm_encoder::{
    CodeSection, DataCountSection, DataSection, ElementSection, FunctionSection, ImportSection, Module, TypeSection,
};
use wasmparser::{Import, ImportSectionReader, Parser, Payload, TypeRef};

/// All pieces in one module.
pub fn merge(pieces: &[&[u8]]) -> Result<Vec<u8>> {
    if let [only] = pieces {
        return Ok(only.to_vec());
    }
    let mut merged = Merged::default();
    for piece in pieces {
        merged.add(piece)?;
    }
    Ok(merged.finish())
}

/// The sections so far.
#[derive(Default)]
struct Merged {
    types: TypeSection,
    imports: Imports,
    functions: FunctionSection,
    elements: ElementSection,
    data: DataSection,
    code: CodeSection,
    /// Types so far; one entry of the section can hold several.
    type_count: u32,
}

/// What is imported, each thing once.
#[derive(Default)]
struct Imports {
    section: ImportSection,
    /// Module and name.
    memories: Vec<(String, String)>,
    tables: Vec<(String, String)>,
    globals: Vec<(String, String)>,
}

/// What the indices of the piece at hand become.
struct Renumbered {
    types: u32,
    functions: u32,
    elements: u32,
    data: u32,
    memories: Vec<u32>,
    tables: Vec<u32>,
    globals: Vec<u32>,
}

impl Merged {
    fn add(&mut self, piece: &[u8]) -> Result<()> {
        let mut numbers = Renumbered {
            types: self.type_count,
            functions: self.functions.len(),
            elements: self.elements.len(),
            data: self.data.len(),
            memories: Vec::new(),
            tables: Vec::new(),
            globals: Vec::new(),
        };
        for payload in Parser::new(0).parse_all(piece) {
            match payload? {
                Payload::TypeSection(section) => {
                    for group in section.clone() {
                        self.type_count += u32::try_from(group?.types().len())?;
                    }
                    numbers.parse_type_section(&mut self.types, section)?;
                }
                Payload::ImportSection(section) => self.imports.add(section, &mut numbers)?,
                Payload::FunctionSection(section) => numbers.parse_function_section(&mut self.functions, section)?,
                Payload::ElementSection(section) => numbers.parse_element_section(&mut self.elements, section)?,
                Payload::DataSection(section) => numbers.parse_data_section(&mut self.data, section)?,
                Payload::CodeSectionEntry(body) => numbers.parse_function_body(&mut self.code, body)?,
                Payload::Version { .. }
                | Payload::CodeSectionStart { .. }
                | Payload::DataCountSection { .. }
                | Payload::CustomSection(_)
                | Payload::End(_) => {}
                // The cutter writes them all, also when there is nothing to write.
                Payload::ExportSection(section) if section.count() == 0 => {}
                Payload::GlobalSection(section) if section.count() == 0 => {}
                Payload::TableSection(section) if section.count() == 0 => {}
                Payload::MemorySection(section) if section.count() == 0 => {}
                Payload::TagSection(section) if section.count() == 0 => {}
                other => bail!("a piece has a section that none should have: {other:?}"),
            }
        }
        Ok(())
    }

    fn finish(self) -> Vec<u8> {
        let mut module = Module::new();
        module.section(&self.types).section(&self.imports.section).section(&self.functions).section(&self.elements);
        module.section(&DataCountSection { count: self.data.len() }).section(&self.code).section(&self.data);
        module.finish()
    }
}

impl Imports {
    fn add(&mut self, section: ImportSectionReader<'_>, numbers: &mut Renumbered) -> Result<()> {
        for import in section.into_imports() {
            let import = import?;
            let (known, indices) = match import.ty {
                TypeRef::Memory(_) => (&mut self.memories, &mut numbers.memories),
                TypeRef::Table(_) => (&mut self.tables, &mut numbers.tables),
                TypeRef::Global(_) => (&mut self.globals, &mut numbers.globals),
                _ => bail!("a piece imports `{}`, which is neither memory nor table nor global", import.name),
            };
            let Import { module, name, ty } = import;
            let wanted = (module.to_owned(), name.to_owned());
            let index = match known.iter().position(|there| *there == wanted) {
                Some(index) => index,
                None => {
                    // Memory, tables and globals are the first part's and the same for all: so are their types.
                    known.push(wanted);
                    self.section.import(module, name, Types.entity_type(ty)?);
                    known.len() - 1
                }
            };
            indices.push(u32::try_from(index)?);
        }
        Ok(())
    }
}

/// Types of imports stay as they are.
struct Types;

impl Reencode for Types {
    type Error = Infallible;
}

impl Reencode for Renumbered {
    type Error = Infallible;

    fn type_index(&mut self, index: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.types + index)
    }

    fn function_index(&mut self, index: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.functions + index)
    }

    fn element_index(&mut self, index: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.elements + index)
    }

    fn data_index(&mut self, index: u32) -> Result<u32, Error<Infallible>> {
        Ok(self.data + index)
    }

    fn memory_index(&mut self, index: u32) -> Result<u32, Error<Infallible>> {
        Ok(at(&self.memories, index))
    }

    fn table_index(&mut self, index: u32) -> Result<u32, Error<Infallible>> {
        Ok(at(&self.tables, index))
    }

    fn global_index(&mut self, index: u32) -> Result<u32, Error<Infallible>> {
        Ok(at(&self.globals, index))
    }
}

/// An index beyond what was imported cannot be: it would make the module invalid, and is left to do so.
fn at(indices: &[u32], index: u32) -> u32 {
    usize::try_from(index).ok().and_then(|index| indices.get(index)).copied().unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use wasm_encoder::{
        ConstExpr, Elements, EntityType, Function, GlobalType, MemoryType, RefType, TableType, ValType,
    };
    use wasmparser::{ElementItems, Validator};

    use super::*;

    /// A piece with one function, which calls itself, at `place` of the table; it imports the global or not.
    fn piece(place: i32, with_global: bool) -> Vec<u8> {
        let mut imports = ImportSection::new();
        let memory = MemoryType { minimum: 1, maximum: None, memory64: false, shared: false, page_size_log2: None };
        let table =
            TableType { element_type: RefType::FUNCREF, minimum: 9, maximum: None, table64: false, shared: false };
        imports.import("__wasm_split", "memory", EntityType::Memory(memory));
        imports.import("__wasm_split", "table", EntityType::Table(table));
        let mut function = Function::new([]);
        if with_global {
            let global = GlobalType { val_type: ValType::I32, mutable: true, shared: false };
            imports.import("__wasm_split", "stack", EntityType::Global(global));
            function.instructions().global_get(0).drop();
        }
        function.instructions().call(0).end();

        let (mut types, mut functions, mut code) = (TypeSection::new(), FunctionSection::new(), CodeSection::new());
        types.ty().function([], []);
        functions.function(0);
        code.function(&function);
        let (mut elements, mut data) = (ElementSection::new(), DataSection::new());
        elements.active(None, &ConstExpr::i32_const(place), Elements::Functions((&[0][..]).into()));
        data.active(0, &ConstExpr::i32_const(place), *b"x");
        let mut module = Module::new();
        module.section(&types).section(&imports).section(&functions).section(&elements);
        module.section(&DataCountSection { count: 1 }).section(&code).section(&data);
        module.finish()
    }

    #[test]
    fn each_piece_keeps_its_place_and_imports_are_one() {
        let merged = merge(&[&piece(3, false), &piece(5, true), &piece(7, true)]).expect("merged");
        Validator::new().validate_all(&merged).expect("a valid module");
        let (mut imported, mut placed, mut called) = (Vec::new(), Vec::new(), Vec::new());
        for payload in Parser::new(0).parse_all(&merged) {
            match payload.expect("readable") {
                Payload::ImportSection(section) => {
                    imported.extend(section.into_imports().map(|import| import.expect("an import").name));
                }
                Payload::ElementSection(section) => {
                    for element in section {
                        let ElementItems::Functions(items) = element.expect("an element").items else { continue };
                        placed.extend(items.into_iter().map(|function| function.expect("a function")));
                    }
                }
                Payload::CodeSectionEntry(body) => {
                    for operator in body.get_operators_reader().expect("code") {
                        if let wasmparser::Operator::Call { function_index } = operator.expect("an instruction") {
                            called.push(function_index);
                        }
                    }
                }
                _ => {}
            }
        }
        assert_eq!(imported, ["memory", "table", "stack"]);
        assert_eq!((placed, called), (vec![0, 1, 2], vec![0, 1, 2]));
    }

    #[test]
    fn a_piece_that_imports_code_is_refused() {
        let mut imports = ImportSection::new();
        imports.import("__wasm_split", "f", EntityType::Function(0));
        let mut types = TypeSection::new();
        types.ty().function([], []);
        let mut module = Module::new();
        module.section(&types).section(&imports);
        let odd = module.finish();
        assert!(merge(&[&piece(1, true), &odd]).is_err());
    }
}
