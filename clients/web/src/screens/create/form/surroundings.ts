import { useQuery } from "@tanstack/react-query";
import { assetTypesQuery, brandKitsQuery, lorasQuery, modelsQuery } from "@/api/catalogue";
import { modelOf } from "../abilities";
import { useSettings } from "../form";
import type { Surroundings } from "../request";

/** All that the form offers, and what of it is chosen now. */
export function useCatalogue() {
  const assetTypes = useQuery(assetTypesQuery);
  const models = useQuery(modelsQuery);
  const loras = useQuery(lorasQuery);
  const kits = useQuery(brandKitsQuery);
  const draft = useSettings();
  const around: Surroundings = {
    model: modelOf(draft, models.data?.models ?? []),
    assetType: assetTypes.data?.asset_types.find((one) => one.id === draft.asset_type),
    loras: loras.data?.loras ?? [],
    limits: assetTypes.data?.limits,
  };
  return {
    around,
    assetTypes: assetTypes.data?.asset_types ?? [],
    qualities: assetTypes.data?.qualities ?? [],
    models: models.data?.models ?? [],
    kits: kits.data?.brand_kits ?? [],
    isReady: assetTypes.data !== undefined && models.data !== undefined,
    error: assetTypes.error ?? models.error,
    retry: () => {
      assetTypes.refetch();
      models.refetch();
    },
  };
}

export type Catalogue = ReturnType<typeof useCatalogue>;
