import { Link, Outlet } from "@tanstack/react-router";
import { KINDS } from "@/api/library";
import { Sections, sectionLook } from "@/parts/Sections";
import { texts } from "@/texts";

/** The library of what makers make: kinds of entries, and the models that all of it is for. */
export function MakersScreen() {
  return (
    <>
      <Sections label={texts.makers.sections}>
        {KINDS.map((kind) => (
          <Link key={kind} to="/app/library/$kind" params={{ kind }} className={sectionLook}>
            {texts.makers.kinds[kind].title}
          </Link>
        ))}
        <Link to="/app/library/models" className={sectionLook}>
          {texts.makers.models.title}
        </Link>
      </Sections>
      <Outlet />
    </>
  );
}
