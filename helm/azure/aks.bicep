// A cluster for the chart: a small pool that is always there, and one for each kind of GPU of the fleet, from zero.
targetScope = 'resourceGroup'

@description('Begins the names of everything; small letters and digits.')
@minLength(3)
@maxLength(11)
param name string = 'atelier'

@description('Where it runs.')
param location string = resourceGroup().location

@description('Tags of everything.')
param tags object = { app: 'atelier' }

@description('Object ids of groups of Entra ID who administer the cluster. Nobody else can: it has no local accounts.')
@minLength(1)
param admins array

@description('Addresses from which the cluster\'s API is reached, such as 203.0.113.7/32.')
@minLength(1)
param apiAddresses array

@description('Namespace and service account of the chart.')
param serviceAccount string = 'system:serviceaccount:atelier:atelier'

@description('Machine of the pool without GPUs: Ray\'s head, the door, KubeRay\'s operator.')
param systemMachine string = 'Standard_D4s_v5'

// The kinds of configs/fleets/aks.yaml, from which the chart makes its worker groups, too.
var fleet = loadYamlContent('../../configs/fleets/aks.yaml')

module identity 'identity.bicep' = {
  name: 'identity'
  params: { name: name, location: location, tags: tags }
}

module registry 'registry.bicep' = {
  name: 'registry'
  params: { name: name, location: location, tags: tags, principal: cluster.properties.identityProfile.kubeletidentity.objectId }
}

resource cluster 'Microsoft.ContainerService/managedClusters@2025-02-01' = {
  name: '${name}-cluster'
  location: location
  tags: tags
  identity: { type: 'SystemAssigned' }
  sku: { name: 'Base', tier: 'Standard' }
  properties: {
    dnsPrefix: name
    disableLocalAccounts: true
    enableRBAC: true
    aadProfile: { managed: true, enableAzureRBAC: false, adminGroupObjectIDs: admins }
    apiServerAccessProfile: { authorizedIPRanges: apiAddresses }
    oidcIssuerProfile: { enabled: true }
    securityProfile: { workloadIdentity: { enabled: true } }
    autoUpgradeProfile: { upgradeChannel: 'patch', nodeOSUpgradeChannel: 'NodeImage' }
    networkProfile: { networkPlugin: 'azure', networkPluginMode: 'overlay', networkPolicy: 'cilium', networkDataplane: 'cilium' }
    agentPoolProfiles: [
      {
        name: 'system'
        mode: 'System'
        vmSize: systemMachine
        osType: 'Linux'
        osSKU: 'AzureLinux'
        type: 'VirtualMachineScaleSets'
        enableAutoScaling: true
        count: 1
        minCount: 1
        maxCount: 3
      }
    ]
  }
}

resource gpus 'Microsoft.ContainerService/managedClusters/agentPools@2025-02-01' = [for kind in items(fleet.kinds): {
  parent: cluster
  name: take(replace(kind.key, '-', ''), 12)
  properties: {
    mode: 'User'
    vmSize: kind.value.machine
    osType: 'Linux'
    type: 'VirtualMachineScaleSets'
    enableAutoScaling: true
    count: kind.value.?min ?? 0
    minCount: kind.value.?min ?? 0
    maxCount: kind.value.?max ?? 1
    scaleSetPriority: (kind.value.?spot ?? false) ? 'Spot' : 'Regular'
    nodeLabels: kind.value.?node_selector ?? {}
    nodeTaints: map(kind.value.?tolerations ?? [], one => '${one.key}=${one.?value ?? ''}:${one.?effect ?? 'NoSchedule'}')
  }
}]

resource studio 'Microsoft.ManagedIdentity/userAssignedIdentities@2023-01-31' existing = {
  name: '${name}-studio'
}

resource federation 'Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials@2023-01-31' = {
  parent: studio
  name: 'chart'
  properties: {
    issuer: cluster.properties.oidcIssuerProfile.issuerURL
    subject: serviceAccount
    audiences: ['api://AzureADTokenExchange']
  }
  dependsOn: [identity]
}

@description('Its name.')
output cluster string = cluster.name

@description('Client id for the chart: identity.clientId.')
output client string = identity.outputs.client

@description('Where the image is pushed to.')
output registry string = registry.outputs.host
