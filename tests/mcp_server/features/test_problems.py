"""Every code of the table is raised by something, at the place where it is wrong, with a way out."""

from collections.abc import Mapping
from typing import Any

import pytest

from mcp_server.features.catalog import Catalog, KnownFeature
from mcp_server.features.load import load_spec, load_text, read_document
from mcp_server.features.problems import CODES
from mcp_server.features.spec import FeatureSpec, FieldSpec, TypeSpec
from mcp_server.features.validate import require_valid, validate
from mcp_server.workspace.errors import InvalidInput, Problem
from mcp_server.workspace.layout import LAYERED

CATEGORY = load_spec({"feature": "category", "fields": ["name:string(..100) unique"]})
ORDER = load_spec(
    {
        "feature": "order",
        "fields": ["items_total:int index", "category:ref(category)? as=purchases", "tags:many(category)"],
        "enums": {"colour": ["red", "green"]},
    }
)
PARCEL = load_spec({"feature": "parcel", "fields": ["thing:ref(thing)"]})
DIARY = load_spec({"feature": "diary", "owner": "user", "fields": ["day:date"]})
CATALOG = Catalog.of(
    KnownFeature.of(CATEGORY, LAYERED),
    KnownFeature.of(ORDER, LAYERED),
    KnownFeature.of(PARCEL, LAYERED),
    KnownFeature.of(DIARY, LAYERED),
)


def problems_of(document: Any) -> tuple[Problem, ...]:
    spec, unread = read_document(document)
    try:
        require_valid(spec, CATALOG, unread)
    except InvalidInput as error:
        return error.problems
    return ()


def with_fields(*fields: Any, **rest: Any) -> dict[str, Any]:
    return {"feature": "thing", "fields": list(fields), **rest}


# What is sent, the code, the place, and a word of the hint.
CASES: list[tuple[Any, str, str, str]] = [
    (["feature"], "SPEC001", "document", "mapping"),
    ({"feature": 7, "fields": ["a:int"]}, "SPEC001", "feature", "text"),
    ({"feature": "thing", "fields": "a:int"}, "SPEC001", "fields", "list"),
    (with_fields("a:int", 7), "SPEC001", "fields[1]", "name:string"),
    (with_fields("a:int", unique=["a"]), "SPEC001", "unique[0]", "[owner, name]"),
    (with_fields("a:int", soft_delete="no"), "SPEC001", "soft_delete", "true or false"),
    (with_fields("a:int", access="public"), "SPEC001", "access", "{list: public}"),
    (with_fields({"name": "a", "type": "int", "index": "yes"}), "SPEC001", "fields[0].index", "true"),
    (with_fields("a:int", filter=["a"]), "SPEC002", "document", "'filters'"),
    (with_fields({"name": "a", "type": "int", "defualt": 1}), "SPEC002", "fields[0]", "'default'"),
    ({"fields": ["a:int"]}, "SPEC003", "feature", "product"),
    ({"feature": "thing"}, "SPEC003", "fields", "at least one field"),
    ({"feature": "thing", "fields": []}, "SPEC003", "fields", "at least one field"),
    (with_fields({"name": "a", "index": True}), "SPEC003", "fields[0].type", "decimal"),
    (with_fields(""), "SPEC004", "fields[0]", "name:type"),
    (with_fields("   "), "SPEC004", "fields[0]", "name:type"),
    (with_fields("a"), "SPEC004", "fields[0]", "name:type"),
    (with_fields("a:"), "SPEC004", "fields[0]", "name:type"),
    (with_fields("a:string(2"), "SPEC004", "fields[0]", "')'"),
    (with_fields('a:string "open'), "SPEC004", "fields[0]", "double quote"),
    (with_fields("a:int="), "SPEC004", "fields[0]", "=value"),
    (with_fields("a:int=1 index=2"), "SPEC004", "fields[0]", "space"),
    (with_fields("a:strin"), "SPEC005", "fields[0].type", "'string'"),
    (with_fields("a:varchar(20)"), "SPEC005", "fields[0].type", "'string'"),
    (with_fields("a:geometry"), "SPEC005", "fields[0].type", "json"),
    (with_fields("a:decimal"), "SPEC006", "fields[0].type", "decimal(12,2)"),
    (with_fields("a:int(4)"), "SPEC006", "fields[0].type", "int"),
    (with_fields("a:string(x..y)"), "SPEC006", "fields[0].type", "string(2..100)"),
    (with_fields("a:ref()"), "SPEC006", "fields[0].type", "ref(category)"),
    (with_fields("a:ref(category,order)"), "SPEC006", "fields[0].type", "(category:ref(category)? order:ref(order)?)"),
    (with_fields("a:enum(x) >=1"), "SPEC034", "fields[0].ge", "Leave the bound out"),
    (with_fields("a:int indx"), "SPEC007", "fields[0]", "'index'"),
    (with_fields("a:string shown in the docs"), "SPEC007", "fields[0]", "double quotes"),
    (with_fields("a:int shown in docs index secret readonly"), "SPEC034", "fields[0].readonly", "one of"),
    (with_fields("a:int index index"), "SPEC007", "fields[0].index", "once"),
    (with_fields("a:ref(category)? on_delete=setnull"), "SPEC007", "fields[0].on_delete", "'set_null'"),
    (with_fields({"name": "a", "type": "int index"}), "SPEC007", "fields[0].type", "keys"),
    (with_fields(*(f"f{number}x:int" for number in range(101))), "SPEC008", "fields", "Split"),
    (with_fields("a:enum(" + ",".join(f"v{number}" for number in range(101)) + ")"), "SPEC008", "fields[0].type", "feature"),
    (with_fields("A:int"), "SPEC010", "fields[0].name", "lower-case"),
    (with_fields("../a:int"), "SPEC010", "fields[0].name", "lower-case"),
    (with_fields("a__b:int"), "SPEC010", "fields[0].name", "lower-case"),
    (with_fields("a_:int"), "SPEC010", "fields[0].name", "lower-case"),
    (with_fields("_a:int"), "SPEC010", "fields[0].name", "lower-case"),
    (with_fields("ä:int"), "SPEC010", "fields[0].name", "ASCII"),
    (with_fields("a\u0661:int"), "SPEC010", "fields[0].name", "ASCII"),
    (with_fields("a" * 51 + ":int"), "SPEC010", "fields[0].name", "shorter"),
    ({"feature": "../escape", "fields": ["a:int"]}, "SPEC010", "feature", "lower-case"),
    ({"feature": "/etc/passwd", "fields": ["a:int"]}, "SPEC010", "feature", "lower-case"),
    ({"feature": "{{ 7 * 7 }}", "fields": ["a:int"]}, "SPEC010", "feature", "lower-case"),
    ({"feature": "a'b", "fields": ["a:int"]}, "SPEC010", "feature", "lower-case"),
    ({"feature": "x" * 300, "fields": ["a:int"]}, "SPEC010", "feature", "shorter"),
    ({"feature": "thing", "plural": "Things", "fields": ["a:int"]}, "SPEC010", "plural", "lower-case"),
    (with_fields("a:ref(category)? as=Big"), "SPEC010", "fields[0].as", "as=reviews"),
    ({"feature": "class", "fields": ["a:int"]}, "SPEC011", "feature", "class_item"),
    ({"feature": "base", "fields": ["a:int"]}, "SPEC011", "feature", "base_item"),
    ({"feature": "keyset", "fields": ["a:int"]}, "SPEC011", "feature", "keyset_item"),
    ({"feature": "thing", "plural": "bulk", "fields": ["a:int"]}, "SPEC011", "plural", "bulk_items"),
    ({"feature": "thing", "plural": "alembic_version", "fields": ["a:int"]}, "SPEC011", "plural", "synonym"),
    ({"feature": "thing", "plural": "sqlite_things", "fields": ["a:int"]}, "SPEC011", "plural", "synonym"),
    (with_fields("model_dump_of:int"), "SPEC011", "fields[0].name", "another name"),
    (with_fields("a:int", "a:string"), "SPEC012", "fields[1].name", "Rename"),
    (with_fields("id:int"), "SPEC013", "fields[0].name", "another name"),
    (with_fields("public_id:uuid"), "SPEC013", "fields[0].name", "another name"),
    (with_fields("deleted_at:datetime", soft_delete=True), "SPEC013", "fields[0].name", "another name"),
    (with_fields("deletion:ref(category)?", soft_delete=True), "SPEC013", "fields[0].name", "another name"),
    (with_fields("created_at:datetime"), "SPEC013", "fields[0].name", "another name"),
    (with_fields("owner:ref(user)"), "SPEC013", "fields[0].name", "owner: user"),
    (with_fields("public:ref(category)"), "SPEC013", "fields[0].name", "another name"),
    (with_fields("ab_c:int", "a_bc:int"), "SPEC014", "fields[1].name", "Rename"),
    (with_fields("category:ref(category)", "category_id:int"), "SPEC014", "fields[1].name", "Rename"),
    (with_fields("category_public_id:uuid", "category:ref(category)"), "SPEC014", "fields[1].name", "Rename"),
    (with_fields("create:enum(a,b)"), "SPEC014", "fields[0].name", "create_kind"),
    ({"feature": "cate_gory", "fields": ["a:int"]}, "SPEC014", "feature", "another name"),
    ({"feature": "category_page", "plural": "leaflets", "fields": ["a:ref(category)"]}, "SPEC014", "fields[0].type", "Rename"),
    ({"feature": "user", "fields": ["a:int"]}, "SPEC015", "feature", "another name"),
    ({"feature": "category", "fields": ["a:int"]}, "SPEC015", "feature", "extend"),
    ({"feature": "thing", "plural": "categories", "fields": ["a:int"]}, "SPEC015", "plural", "another name"),
    ({"feature": "orders_item", "plural": "orders_items", "fields": ["total:int index"]}, "SPEC015", "plural", "rename"),
    ({"feature": "thing", "plural": "thing", "fields": ["a:int"]}, "SPEC016", "plural", "thing_items"),
    ({"feature": "reviews", "fields": ["a:int"]}, "SPEC016", "feature", "Use review"),
    (with_fields("a:string", description="a\0b"), "SPEC020", "description", "without it"),
    (with_fields("a:string", description="a\nb"), "SPEC020", "description", "one line"),
    (with_fields("a:string", description="a\u202eb"), "SPEC020", "description", "without it"),
    (with_fields({"name": "a", "type": "string", "description": "\ud800"}), "SPEC020", "fields[0].description", "without"),
    (with_fields('a:enum("x\\u0007")'), "SPEC020", "fields[0].type.values[0]", "without it"),
    (with_fields('a:string="x\\ny"'), "SPEC020", "fields[0].default", "one line"),
    (with_fields("a:string", description="x" * 501), "SPEC021", "description", "Shorten"),
    (with_fields("a:enum(" + "x" * 101 + ")"), "SPEC021", "fields[0].type.values[0]", "Shorten"),
    (with_fields("a:string", description="{{ config }}"), "SPEC022", "description", "Leave it out"),
    (with_fields('a:string "{% raw %}"'), "SPEC022", "fields[0].description", "Leave it out"),
    (with_fields("a:string={{x}}"), "SPEC022", "fields[0].default", "Leave it out"),
    (with_fields('a:enum("{#x")'), "SPEC022", "fields[0].type.values[0]", "Leave it out"),
    (with_fields("a:string=${x}"), "SPEC022", "fields[0].default", "Leave it out"),
    (with_fields("a:string='''x"), "SPEC022", "fields[0].default", "Don't know"),
    (with_fields("a:enum"), "SPEC030", "fields[0].type", "enum(draft,active)"),
    (with_fields("a:enum()"), "SPEC030", "fields[0].type", "enum(draft,active)"),
    (with_fields("a:enum(x,,y)"), "SPEC031", "fields[0].type.values[1]", "bare"),
    (with_fields("a:enum(x,y,x)"), "SPEC031", "fields[0].type.values[2]", "Drop one"),
    (with_fields('a:enum(" x")'), "SPEC031", "fields[0].type.values[0]", "bare"),
    (with_fields("a:string(9..2)"), "SPEC032", "fields[0].type", "string(2..9)"),
    (with_fields("a:int >=5 <=4"), "SPEC032", "fields[0]", "Swap"),
    (with_fields("a:int >4 <5"), "SPEC032", "fields[0]", "Swap"),
    (with_fields("a:decimal(4,1) >1.1 <1.2"), "SPEC032", "fields[0]", "Swap"),
    (with_fields("a:float >=1 <1"), "SPEC032", "fields[0]", "Swap"),
    (with_fields("a:int >=5 >6"), "SPEC032", "fields[0].gt", "one of them"),
    (with_fields("a:decimal(2,3)"), "SPEC033", "fields[0].type", "decimal(5,3)"),
    (with_fields("a:decimal(39,2)"), "SPEC033", "fields[0].type", "decimal(12,2)"),
    (with_fields("a:decimal(0,0)"), "SPEC033", "fields[0].type", "decimal(12,2)"),
    (with_fields("a:decimal(5,-1)"), "SPEC033", "fields[0].type", "decimal(5,0)"),
    (with_fields("a:bool >=1"), "SPEC034", "fields[0].ge", "Leave"),
    (with_fields("a:string >=1"), "SPEC034", "fields[0].ge", "string(min..max)"),
    (with_fields("a:int pattern=^1$"), "SPEC034", "fields[0].pattern", "string and text"),
    (with_fields("a:int on_delete=cascade"), "SPEC034", "fields[0].on_delete", "references"),
    (with_fields("a:string=x unique"), "SPEC034", "fields[0].default", "Drop"),
    (with_fields("a:string pattern=("), "SPEC035", "fields[0].pattern", "regular expressions"),
    (with_fields("a:string pattern=(?=x)"), "SPEC035", "fields[0].pattern", "look-around"),
    (with_fields("a:string pattern=(a)\\1"), "SPEC035", "fields[0].pattern", "back references"),
    (with_fields("a:string(..5) pattern=^[a-z]{6,}$"), "SPEC035", "fields[0].pattern", "length"),
    (with_fields("a:string pattern=a{1000000}"), "SPEC035", "fields[0].pattern", "regular expressions"),
    (with_fields("a:int >=0.5"), "SPEC036", "fields[0].ge", "plain number"),
    (with_fields("a:int <=3000000000"), "SPEC036", "fields[0].le", "itself a value"),
    (with_fields("a:decimal(4,2) >=1000"), "SPEC036", "fields[0].ge", "itself a value"),
    (with_fields("a:decimal(4,2) <=100"), "SPEC036", "fields[0].le", "itself a value"),
    (with_fields("a:decimal(4,2) <100.01"), "SPEC036", "fields[0].lt", "itself a value"),
    (with_fields("a:decimal(4,2) >=0.001"), "SPEC036", "fields[0].ge", "itself a value"),
    (with_fields("a:string(..0)"), "SPEC036", "fields[0].type", "text"),
    (with_fields("a:string(..10001)"), "SPEC036", "fields[0].type", "text"),
    (with_fields("a:int=abc"), "SPEC040", "fields[0].default", "=1"),
    (with_fields("a:bool=yes"), "SPEC040", "fields[0].default", "=true"),
    (with_fields("a:date=2026-02-30"), "SPEC040", "fields[0].default", "=today"),
    (with_fields("a:datetime=2026-01-01T00:00:00"), "SPEC040", "fields[0].default", "=now"),
    (with_fields("a:time=08:00+01:00"), "SPEC040", "fields[0].default", "=08:30:00"),
    (with_fields("a:enum(draft,active)=drat"), "SPEC040", "fields[0].default", "'draft'"),
    (with_fields('a:json="[1]"'), "SPEC040", "fields[0].default", "={}"),
    (with_fields("a:bytes=%%%"), "SPEC040", "fields[0].default", "base64"),
    (with_fields("a:uuid=1"), "SPEC040", "fields[0].default", "value of that type"),
    (with_fields("a:email=nobody"), "SPEC040", "fields[0].default", "value of that type"),
    (with_fields("a:url=ftp://x/"), "SPEC040", "fields[0].default", "https://"),
    (with_fields("a:decimal(4,1)=1e3"), "SPEC040", "fields[0].default", "=12.50"),
    (with_fields("a:ref(category)=1"), "SPEC040", "fields[0].default", "Leave"),
    (with_fields("a:int=5 >=6"), "SPEC041", "fields[0].default", "bounds"),
    (with_fields("a:int=3000000000"), "SPEC041", "fields[0].default", "bounds"),
    (with_fields("a:decimal(4,2)=100"), "SPEC041", "fields[0].default", "bounds"),
    (with_fields("a:decimal(4,2)=1.001"), "SPEC041", "fields[0].default", "bounds"),
    (with_fields("a:string(3..5)=ab"), "SPEC041", "fields[0].default", "bounds"),
    (with_fields("a:string=ab pattern=^[0-9]+$"), "SPEC041", "fields[0].default", "bounds"),
    (with_fields("a:ref(categry)"), "SPEC050", "fields[0].type", "'category'"),
    (with_fields("a:ref(categories)"), "SPEC050", "fields[0].type", "'category'"),
    (with_fields("a:ref(zzz)"), "SPEC050", "fields[0].type", "user, category, order, parcel, diary, self"),
    (with_fields("a:ref(category) on_delete=set_null"), "SPEC051", "fields[0].on_delete", "optional"),
    (with_fields("a:ref(self)"), "SPEC051", "fields[0]", "optional"),
    (with_fields("a:ref(thing)"), "SPEC051", "fields[0]", "optional"),
    (with_fields("a:ref(parcel)"), "SPEC053", "fields[0].type", "optional"),
    (with_fields("a:int", owner="category"), "SPEC052", "owner", "owner: user"),
    (with_fields("price:int", filters=["prise"]), "SPEC060", "filters[0]", "'price'"),
    (with_fields("a:int", sort=["-a"]), "SPEC060", "sort[0]", "both ways"),
    (with_fields("a:int", unique=[["owner", "a"]]), "SPEC060", "unique[0][0]", "owner: user"),
    (with_fields("a:int", unique=[["created_at", "a"]]), "SPEC060", "unique[0][0]", "Use one of"),
    (with_fields("a:int", sort=["a", "a"]), "SPEC061", "sort[1]", "Drop one"),
    (with_fields("a:int", indexes=[["a", "a"]]), "SPEC061", "indexes[0][1]", "Drop one"),
    (with_fields("a:int", operations=["get", "get"]), "SPEC061", "operations[1]", "Drop one"),
    (with_fields("a:int", search=["a"]), "SPEC062", "search[0]", "string, text"),
    (with_fields("a:text", filters=["a"]), "SPEC063", "filters[0]", "bool"),
    (with_fields("a:json", filters=["a"]), "SPEC063", "filters[0]", "bool"),
    (with_fields("a:bytes", sort=["a"]), "SPEC064", "sort[0]", "string"),
    (with_fields("a:text", sort=["a"]), "SPEC064", "sort[0]", "string"),
    (with_fields("a:ref(category)", sort=["a"]), "SPEC064", "sort[0]", "string"),
    (with_fields("a:int", unique=[[]]), "SPEC065", "unique[0]", "Name the fields"),
    (with_fields("a:int", indexes=[[]]), "SPEC065", "indexes[0]", "Name the fields"),
    (with_fields("a:json unique"), "SPEC066", "fields[0].unique", "string(..n)"),
    (with_fields("a:text index"), "SPEC066", "fields[0].index", "string(..n)"),
    (with_fields("a:string(..1000) index"), "SPEC066", "fields[0].index", "Shorten"),
    (with_fields("a:string", "b:string", "c:string", unique=[["a", "b", "c"]]), "SPEC066", "unique[0]", "Shorten"),
    (with_fields("a_b:int index", "a:int", "b:int", indexes=[["a", "b"]]), "SPEC067", "indexes", "rename"),
    (with_fields("a:int index", indexes=[["a"]]), "SPEC067", "fields[0]", "Drop"),
    (with_fields("a:int unique", unique=[["a"]]), "SPEC067", "fields[0]", "Drop"),
    (with_fields("a:int", "b:int", unique=[["a", "b"], ["b", "a"]]), "SPEC067", "unique", "Drop"),
    (with_fields("a:int", "b:int", indexes=[["a", "b"], ["a", "-b"]]), "SPEC067", "indexes", "Drop"),
    (with_fields("a:int >=0", "a_ge:enum(x,y)"), "SPEC067", "fields[0]", "rename"),
    (with_fields("limit:string", filters=["limit"]), "SPEC068", "filters[0]", "Rename"),
    (with_fields("price:int", "price_min:int", filters=["price"]), "SPEC068", "fields[1].name", "Rename"),
    (with_fields("a:int", operations=["list", "creat"]), "SPEC069", "operations[1]", "'create'"),
    (with_fields("a:int", operations=[]), "SPEC069", "operations", "for all"),
    (with_fields("a:int", pagination="pages"), "SPEC069", "pagination", "offset, cursor"),
    (with_fields("a:int", access={"lst": "public"}), "SPEC069", "access", "'list'"),
    (with_fields("a:int", access={"list": "everyone"}), "SPEC069", "access.list", "authenticated"),
    (with_fields("a:int", operations=["get"], access={"list": "public"}), "SPEC070", "access.list", "Add it"),
    (with_fields("a:int", owner="user", access={"create": "public"}), "SPEC070", "access.create", "owner"),
    (with_fields("a:ref(diary)", access={"create": "public"}), "SPEC070", "access.bulk_create", "optional"),
    (with_fields("a:bool unique"), "SPEC071", "fields[0].unique", "more values"),
    (with_fields("a:int >=1 <=3 unique"), "SPEC071", "fields[0].unique", "more values"),
    (with_fields("a:bool", owner="user", unique=[["owner", "a"]]), "SPEC071", "unique[0]", "more values"),
    (with_fields("a:bool", owner="user", unique=[["owner"]]), "SPEC071", "unique[0]", "more values"),
    (with_fields("a:many(category)?"), "SPEC034", "fields[0].nullable", "empty list"),
    (with_fields("a:many(category) as=things"), "SPEC034", "fields[0].as", "filter"),
    (with_fields("a:ref(user) as=things"), "SPEC034", "fields[0].as", "not below users"),
    (with_fields("a:many(category) on_delete=cascade"), "SPEC034", "fields[0].on_delete", "references"),
    (with_fields("a:many(category) secret"), "SPEC034", "fields[0].secret", "Leave"),
    (with_fields("a:many(category) readonly"), "SPEC034", "fields[0].readonly", "Leave"),
    (with_fields("a:many(categry)"), "SPEC050", "fields[0].type", "'category'"),
    (with_fields("a:many(category) unique"), "SPEC066", "fields[0].unique", "string(..n)"),
    (with_fields("a:many(category)", "a_public_id:uuid", filters=["a"]), "SPEC068", "fields[1].name", "Rename"),
    ({"feature": "thing_a", "plural": "order_tags", "fields": ["a:int"]}, "SPEC015", "plural", "rename"),
    (with_fields("a:int", "tags:many(category)", plural="thing_tags"), "SPEC067", "fields", "rename"),
    (with_fields("a:ref(category) as=purchases"), "SPEC072", "fields[0].as", "as=<another name>"),
    (with_fields("a:ref(category) as=x", "b:ref(category)? as=x"), "SPEC072", "fields[1].as", "as=<another name>"),
    ({"feature": "order_of_category", "plural": "orders_of_category", "fields": ["a:int"]}, "SPEC072", "feature", "Rename"),
    (with_fields("a:int", "b:string(..1000)", sort=["a", "b"], pagination="cursor"), "SPEC073", "sort[1]", "offset"),
    (with_fields("a:list(json)"), "SPEC006", "fields[0].type", "list(string(..50))"),
    (with_fields("a:list(ref(category))"), "SPEC006", "fields[0].type", "list(string(..50))"),
    (with_fields("a:list(int)=[1]"), "SPEC040", "fields[0].default", "=[]"),
    (with_fields("password:string"), "SPEC075", "fields[0]", "secret"),
    (with_fields("hashed_password:string readonly?"), "SPEC075", "fields[0]", "secret"),
    (with_fields("maker_public_id:string"), "SPEC013", "fields[0].name", "ref(feature)"),
    (with_fields("a:list(int?)"), "SPEC006", "fields[0].type", "Write list(int)."),
    (with_fields("a:list(string(..5) pattern=^x$)"), "SPEC006", "fields[0].type", "Write list(string(..5))."),
    (with_fields("a:list(int) unique"), "SPEC066", "fields[0].unique", "string(..n)"),
    (with_fields("a:list(string(9..2))"), "SPEC032", "fields[0].type", "string(2..9)"),
    (with_fields("a:list(enum(@state))"), "SPEC054", "fields[0].type", "enums: {"),
    (with_fields("a:string secret readonly"), "SPEC034", "fields[0].readonly", "one of"),
    (with_fields("a:string readonly"), "SPEC034", "fields[0].readonly", "default"),
    (with_fields("a:ref(category)? readonly"), "SPEC034", "fields[0].readonly", "Leave"),
    (with_fields("a:ref(category) secret"), "SPEC034", "fields[0].secret", "Leave"),
    (with_fields("a:string secret", "b:int", search=["a"]), "SPEC074", "search[0]", "Drop"),
    (with_fields("a:string secret", "b:int", filters=["b", "a"]), "SPEC074", "filters[1]", "Drop"),
    (with_fields("a:string secret", "b:int", sort=["a"]), "SPEC074", "sort[0]", "Drop"),
    (with_fields("a:string secret unique"), "SPEC074", "fields[0].unique", "Drop"),
    (with_fields("a:string=x readonly", "b:int", unique=[["b", "a"]]), "SPEC074", "unique[0][1]", "Drop"),
    (with_fields("a:enum(@state)"), "SPEC054", "fields[0].type", "enums: {"),
    (with_fields("a:enum(@stat)", enums={"state": ["x"]}), "SPEC054", "fields[0].type", "'state'"),
    (with_fields("a:enum(@state)=y", enums={"state": ["x", "yy"]}), "SPEC040", "fields[0].default", "'yy'"),
    (with_fields("a:int", enums={"state": []}), "SPEC030", "enums[0]", "enum(draft"),
    (with_fields("a:int", enums={"state": ["x", "x"]}), "SPEC031", "enums[0].values[1]", "Drop one"),
    (with_fields("a:int", enums={"State": ["x"]}), "SPEC010", "enums[0]", "lower-case"),
    (with_fields("a:int", enums={"thing": ["x"]}), "SPEC014", "enums[0]", "thing_kind"),
    (with_fields("a:int", enums={"colour": ["x"]}), "SPEC015", "enums[0]", "enum(@colour)"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("document", "code", "place", "hint"),
    CASES,
    ids=[f"{number}-{case[1]}" for number, case in enumerate(CASES)],
)
def test_a_mistake_has_a_code_a_place_and_a_way_out(document: Any, code: str, place: str, hint: str) -> None:
    found = [problem for problem in problems_of(document) if (problem.code, problem.place) == (code, place)]
    assert found, [str(problem) for problem in problems_of(document)]
    assert any(hint in problem.hint for problem in found), found
    assert all(problem.reason and not problem.reason.endswith(".") for problem in found)


def test_a_mistake_is_not_reported_as_several() -> None:
    """Most cases hold one mistake; following it up with others would only confuse."""
    several = {
        code: problems_of(document) for document, code, _, _ in CASES if len(problems_of(document)) > 3
    }
    assert not several


def test_every_code_has_a_case() -> None:
    assert {code for _, code, _, _ in CASES} == set(CODES)


@pytest.mark.parametrize("text", ["feature: [", "a: b: c", "\tfeature: x", "feature: x\nfeature: y"])
def test_text_that_is_not_yaml_says_where(text: str) -> None:
    with pytest.raises(InvalidInput) as raised:
        load_text(text)
    assert raised.value.problems[0].code in ("SPEC001", "SPEC002")
    assert raised.value.problems[0].place == "document" or raised.value.problems[0].place.startswith("line ")


def test_all_problems_come_at_once() -> None:
    found = problems_of({
        "feature": "class",
        "fields": ["a:strin", "b:int=x", "id:int", "c:ref(nothing)", "d:enum()", ""],
        "search": ["b"],
        "access": {"list": "nobody"},
    })  # fmt: skip
    codes = {problem.code for problem in found}
    assert codes == {
        "SPEC004",
        "SPEC005",
        "SPEC011",
        "SPEC013",
        "SPEC030",
        "SPEC040",
        "SPEC050",
        "SPEC062",
        "SPEC069",
    }
    assert len(found) == len(set(found))


def test_a_document_that_cannot_be_read_reports_what_is_wrong_with_the_rest_too() -> None:
    with pytest.raises(InvalidInput) as raised:
        load_spec({"feature": "class", "fields": ["a:strin", "id:int"]})
    assert {problem.code for problem in raised.value.problems} == {"SPEC005", "SPEC011", "SPEC013"}


GOOD: list[Mapping[str, Any]] = [
    *({"feature": name, "fields": ["a:int"]} for name in ("group", "session", "event", "case", "news", "series", "match")),
    with_fields("type:string", "hash:string", "format:string", "filter:string", "class:int", "from:date", "metadata:json"),
    with_fields("home:ref(category)", "away:ref(category)?", "parent:ref(self)?", "above:ref(thing)? on_delete=cascade"),
    with_fields("a:ref(category) unique", "b:url unique", "c:string(..650) unique"),
    with_fields("price:decimal(38,38)=0.5 >=0 <1", "n:bigint=9223372036854775807", "z:decimal(1,0)=-9"),
    with_fields('s:enum("In review","1st",é,日本)=1st', "b:enum(None,True,a-b)"),
    with_fields(r"a:string(..4) pattern=^\d{2,4}$", r"b:string pattern=^(?:[a-z]+\.)*[a-z]+$ unique"),
    with_fields("a:string", description="Costs 5 € (100%): \\o/ $x {y} <b>"),
    with_fields("a:decimal(2,2) >-1 <1", "b:decimal(4,1) <1000"),
    with_fields("price:int", "price_min:int"),
    with_fields("limit:int", "skip:string", filters=["limit"]),
    with_fields("a:int", owner="user", unique=[["owner", "a"]], indexes=[["owner", "-created_at"]], sort=["updated_at"]),
    with_fields("a:int", "b:string(..200)?", "c:url", sort=["a", "b", "c", "updated_at"], pagination="cursor"),
    with_fields("a:string secret", "b:int=0 readonly", "c:text? readonly", sort=["b"], filters=["b"], search=["c"]),
    with_fields("maker_public_id:uuid", "part_public_ids:list(uuid)"),
    with_fields("a:list(decimal(4,2))?", "b:list(enum(x,y))=[]", "c:list(string(1..50)) secret", "d:list(date)? readonly"),
    with_fields("a:enum(@state)=x", "b:enum(@colour)?=red", "c:list(enum(@colour))", enums={"state": ["x", "y"]}),
    {"feature": "lens", "fields": ["a:int"]},
    {"feature": "address", "fields": ["a:int"]},
    {"feature": "data_series", "plural": "data_series_rows", "fields": ["a:int"]},
    {"feature": "reviews", "plural": "reviews_lists", "fields": ["a:int"]},
]  # fmt: skip


@pytest.mark.parametrize("document", GOOD, ids=range(len(GOOD)))
def test_what_is_right_is_let_through(document: Mapping[str, Any]) -> None:
    assert problems_of(document) == ()


def test_specs_made_by_hand_are_judged_like_read_ones() -> None:
    spec = FeatureSpec(
        feature="thing",
        plural="things",
        fields=(
            FieldSpec("a", TypeSpec("int"), default="5"),
            FieldSpec("b", TypeSpec("nothing")),
            FieldSpec("c", TypeSpec("string")),
            FieldSpec("d", TypeSpec("date"), default="2026-1-1"),
            FieldSpec("e", TypeSpec("int"), ge=0.5),
            FieldSpec("", TypeSpec("int")),
        ),
    )
    assert [(problem.code, problem.place) for problem in validate(spec, CATALOG)] == [
        ("SPEC010", "fields[5].name"),
        ("SPEC040", "fields[0].default"),
        ("SPEC005", "fields[1].type"),
        ("SPEC036", "fields[2].type"),
        ("SPEC040", "fields[3].default"),
        ("SPEC036", "fields[4].ge"),
    ]
    empty = FeatureSpec("", (), "")
    assert {problem.code for problem in validate(empty, CATALOG)} == {"SPEC003"}


def test_names_from_the_caller_are_printable_wherever_they_turn_up() -> None:
    found = problems_of(
        with_fields("\ud800:", "\x1b[31mred:int", "x" * 5000 + ":int", search=["a", "\0"], owner="\u202e")
    )
    assert len(found) > 5
    for problem in found:
        assert str(problem).isprintable()
        assert len(str(problem)) < 800
