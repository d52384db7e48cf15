import assert from "node:assert/strict";
import { test } from "node:test";
import { Chain, type Link } from "../../../src/base/chain.ts";

class Node implements Link<Node> {
  before: Node | undefined = undefined;
  after: Node | undefined = undefined;
}

test("a chain gives its elements from first to last, wherever they joined and left", () => {
  const [a, b, c, d] = [new Node(), new Node(), new Node(), new Node()];
  const chain = new Chain<Node>();
  for (const node of [b, c, d]) chain.push(node);
  chain.unshift(a);
  assert.deepEqual([...chain], [a, b, c, d]);
  chain.remove(c);
  assert.deepEqual([...chain], [a, b, d]);
  assert.equal(d.before, b);
  for (const node of [a, d]) chain.remove(node);
  assert.deepEqual([chain.first, chain.last, chain.size], [b, b, 1]);
});

test("what has left a chain keeps none of the others alive", () => {
  const nodes = [new Node(), new Node(), new Node()];
  const chain = new Chain<Node>();
  for (const node of nodes) chain.push(node);
  for (const node of [1, 2, 0].map((i) => nodes[i] as Node)) {
    chain.remove(node);
    assert.deepEqual([node.before, node.after], [undefined, undefined]);
  }
});

test("the element just given may leave while a chain is gone through", () => {
  const nodes = [new Node(), new Node(), new Node()];
  const chain = new Chain<Node>();
  for (const node of nodes) chain.push(node);
  const seen: Node[] = [];
  for (const node of chain) {
    seen.push(node);
    chain.remove(node);
  }
  assert.deepEqual(seen, nodes);
  assert.equal(chain.size, 0);
});
