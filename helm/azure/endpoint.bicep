// An address in the studio's network for one service, under the name that the service has everywhere.
@description('Its name.')
param name string

@description('Where it is.')
param location string

@description('Tags.')
param tags object

@description('Subnet of private endpoints.')
param subnet string

@description('Private DNS zone of the service.')
param zone string

@description('Resource id of the service.')
param service string

@description('Which part of the service, such as blob or vault.')
param group string

resource endpoint 'Microsoft.Network/privateEndpoints@2024-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    subnet: { id: subnet }
    privateLinkServiceConnections: [
      { name: name, properties: { privateLinkServiceId: service, groupIds: [group] } }
    ]
  }
}

resource names 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2024-05-01' = {
  parent: endpoint
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [{ name: group, properties: { privateDnsZoneId: zone } }]
  }
}
