/*
 * What TypeDoc does otherwise than by itself when it writes the reference. It is loaded by TypeDoc, which is not among this package's
 * development dependencies, so the little that is used of it is described here.
 */

interface Reflection {
  name: string;
  readonly parent?: Reflection;
  /** Of a parameter. */
  defaultValue?: string;
  kindOf(kind: number): boolean;
  /** Where a member comes from, such as `Database.sql`; with a reflection where that place is in the reference too. */
  readonly inheritedFrom?: { readonly name: string; readonly reflection?: Reflection };
}

interface Project {
  readonly reflections: Readonly<Record<number, Reflection>>;
  removeReflection(reflection: Reflection): void;
}

interface Application {
  readonly converter: {
    on(event: "resolveEnd", handler: (context: { readonly project: Project }) => void, order: number): void;
  };
}

/** TypeDoc's numbers: https://typedoc.org/api/enums/Models.ReflectionKind.html */
const MODULE = 2;
const CONSTRUCTOR = 512;
const PARAMETER = 32768;

/** What stands in the sources for no options at all, of which a reader knows nothing. */
const NO_OPTIONS = "NO_OPTIONS";

/** After TypeDoc has found out what is inherited, before it sorts what there is into groups. */
const BETWEEN = -50;

/** Calls each page by the name of its entry point, and describes an inherited member once, where it is declared. */
export function load(app: Application): void {
  app.converter.on(
    "resolveEnd",
    ({ project }) => {
      const all = Object.values(project.reflections);
      const inherited = all.filter((each) => isDescribedElsewhere(each) && !each.kindOf(CONSTRUCTOR));
      for (const member of inherited) project.removeReflection(member);
      for (const each of all) {
        if (each.kindOf(MODULE)) each.name = entryPoint(each.name);
        if (each.kindOf(PARAMETER) && each.defaultValue === NO_OPTIONS) each.defaultValue = "{}";
      }
    },
    BETWEEN,
  );
}

/**
 * What a class has from one that a function made, as `withPool(MySQLDatabase).sql`, stands in the classes and interfaces that this one is said to
 * extend. What it has from one that is not in the reference is described nowhere else: TypeDoc then names any class that has it too.
 */
function isDescribedElsewhere({ inheritedFrom }: Reflection): boolean {
  if (inheritedFrom === undefined) return false;
  const { name, reflection } = inheritedFrom;
  return (reflection !== undefined && name.startsWith(`${reflection.parent?.name}.`)) || /^\w+\(/.test(name);
}

/** `apocryphan/express`, of `integrations/express`. */
function entryPoint(file: string): string {
  return `apocryphan/${file.replace(/^integrations\//, "")}`.replace(/\/index$/, "");
}
